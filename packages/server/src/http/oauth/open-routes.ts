/** The routes of this folder that no bearer token opens: endpoints of OAuth, and pages for people. */
import type { OperationId } from '@tandem/contract'
import type { RouteHandlerMethod } from 'fastify'
import type { Services } from '../operation.ts'
import { authorize, decideAuthorization } from './authorize.ts'
import { authorizeDevice, createDeviceToken } from './device-endpoint.ts'
import { decideDevicePage, showDevicePage } from './device-page.ts'
import { getAuthorizationServer } from './metadata.ts'
import { completePassword, showPasswordPage } from './password-page.ts'
import { finishProviderSignIn, startProviderSignIn } from './provider-sign-in.ts'
import { showSignIn, signIn, signOut } from './sign-in.ts'
import { createAccessToken, revokeAccessToken } from './token-endpoint.ts'

/** By operation. */
export const OPEN_ROUTES: Readonly<Partial<Record<OperationId, (services: Services) => RouteHandlerMethod>>> =
  {
    authorize,
    decideAuthorization,
    createAccessToken,
    revokeAccessToken,
    authorizeDevice,
    createDeviceToken,
    getAuthorizationServer,
    showSignIn,
    signIn,
    signOut,
    startProviderSignIn,
    finishProviderSignIn,
    showDevicePage,
    decideDevice: decideDevicePage,
    showPasswordPage,
    completePassword,
  }
