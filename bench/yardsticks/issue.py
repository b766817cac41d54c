# A token with Azure's own Python SDK, and nothing else. Usage: python3 issue.py < CONNECTION-STRING
import sys

from azure.communication.identity import CommunicationIdentityClient, CommunicationTokenScope

client = CommunicationIdentityClient.from_connection_string(sys.stdin.read().strip())
user, token = client.create_user_and_token([CommunicationTokenScope.CHAT, CommunicationTokenScope.VOIP])
print(token.token)
