// The hand-written client with Azure's SDK in the place of its own request: no setup that uses the SDK can be faster.
// Bundled as acs-env is. Usage: node sdk-client.cjs < CONNECTION-STRING
import { readFileSync } from 'node:fs'
import { CommunicationIdentityClient } from '@azure/communication-identity'
import { store } from './client.cjs'

const connectionString = readFileSync(0, 'utf8').trim()
const client = new CommunicationIdentityClient(connectionString, { retryOptions: { maxRetries: 0 } })
void client.createUserAndToken(['chat', 'voip'], { tokenExpiresInMinutes: 1440 }).then(({ token }) => {
  store(connectionString, token)
  console.log('stored')
})
