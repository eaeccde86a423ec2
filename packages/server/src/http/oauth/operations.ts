/** The operations of this folder: OAuth, sign-in, clients and tokens. */
import type { Operation } from '../operation.ts'
import {
  createClient,
  deleteClient,
  getClient,
  listClients,
  rotateClientSecret,
  updateClient,
} from './clients.ts'
import { invitePerson, setMyPassword } from './passwords.ts'
import { authorizeServiceApp, createServiceAppToken, deauthorizeServiceApp } from './service-apps.ts'
import { createToken, listTokens, revokeToken } from './tokens.ts'

/** All of them. */
export const OAUTH_OPERATIONS: readonly Operation[] = [
  authorizeServiceApp,
  createClient,
  createServiceAppToken,
  createToken,
  deauthorizeServiceApp,
  deleteClient,
  getClient,
  invitePerson,
  listClients,
  listTokens,
  revokeToken,
  rotateClientSecret,
  setMyPassword,
  updateClient,
]
