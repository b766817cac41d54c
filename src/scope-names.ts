/** The scopes of the service (azure-rest-api-specs, CommunicationIdentity 2023-10-01), in its order. */
export const SCOPES = ['chat', 'voip', 'chat.join', 'chat.join.limited', 'voip.join'] as const
