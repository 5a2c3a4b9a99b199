// What the account page calls things.
import type { ApiKey, SecurityEvent } from '../api/types'
import { locale } from '../ui/locale'

const KINDS: Record<SecurityEvent['kind'], string> = {
  'account-opened': 'Account created',
  'signed-in': 'Signed in',
  'sign-in-failed': 'Wrong password',
  'signed-out': 'Signed out',
  'session-ended': 'Signed out elsewhere',
  'token-reused': 'Session ended: its token was used twice',
  'name-changed': 'Name changed',
  'password-changed': 'Password changed',
  'code-asked': 'Right password, code asked for',
  'code-wrong': 'Wrong code',
  'second-factor-on': 'Two-step sign-in turned on',
  'second-factor-off': 'Two-step sign-in turned off',
  'recovery-code-used': 'Recovery code used',
  'recovery-codes-made': 'New recovery codes made',
  'passkey-added': 'Passkey added',
  'passkey-removed': 'Passkey removed',
  'passkey-refused': 'A copied passkey was refused',
  'password-reset-asked': 'Letter to replace the password sent',
  'password-reset': 'Password replaced by mail',
  'email-change-asked': 'Letter to a new address sent',
  'email-changed': 'Address changed',
  'email-verified': 'Address confirmed',
  'identity-linked': 'Linked with another site',
  'identity-unlinked': 'Link with another site removed',
  'api-key-made': 'API key made',
  'api-key-refused': 'API key refused: expired, or a wrong secret',
  'api-key-revoked': 'API key revoked',
  'link-made': 'Share link made',
  'link-changed': 'Share link changed',
  'link-removed': 'Share link taken back',
  'invitation-made': 'Invited to an album',
  'invitation-removed': 'Invitation to an album taken back',
  'member-changed': 'Rights in an album changed',
  'member-removed': 'Taken out of an album, or left',
  'album-joined': 'Joined a shared album',
  'export-asked-for': 'Export asked for',
  'export-opened': 'Downloads of the export allowed for ten minutes',
  'export-downloaded': 'Export downloaded',
  'account-closed': 'Account closed by an administrator',
  'account-reopened': 'Account reopened by an administrator',
  'account-deleted': 'Deleted an account',
  'admin-appointed': 'Made an administrator',
  'admin-dismissed': 'No administrator any more',
  'registration-invited': 'Invited somebody to register',
  'registration-invitation-used': 'Somebody registered by an invitation',
  'registration-invitation-removed': 'Invitation to register taken back',
}

const ALARMING = new Set<SecurityEvent['kind']>([
  'sign-in-failed',
  'token-reused',
  'code-wrong',
  'passkey-refused',
  'password-reset',
  'email-changed',
  'api-key-refused',
])

/**
 * What happened, in words. A log names other accounts by their ids; `addresses` has those of the accounts that still
 * exist.
 */
export function eventText(event: SecurityEvent, addresses: ReadonlyMap<string, string>): string {
  if (event.about['pause_seconds']) return `Wrong passwords: pause of ${event.about['pause_seconds']} s began`
  const { key, session, name, email, account } = event.about
  const whose = account && (addresses.get(account) ?? 'an account that is gone')
  const about = [key ?? session ?? name ?? email, whose].filter(Boolean).join(', ')
  const text = about ? `${KINDS[event.kind]}: ${about}` : KINDS[event.kind]
  return event.about['by_key'] ? `${text}, by API key ${event.about['by_key']}` : text
}

export function isAlarming(event: SecurityEvent): boolean {
  return ALARMING.has(event.kind)
}

const SCOPES: Record<ApiKey['scopes'][number], string> = {
  'library:read': 'see photos',
  'library:write': 'change photos',
  'uploads:write': 'add photos',
  'shares:write': 'share albums (beside “change photos”)',
  'account:read': 'see the account',
  'account:write': 'change the account',
  admin: 'look after accounts',
  'exports:read': 'download an export',
}

export function scopeText(scope: ApiKey['scopes'][number]): string {
  return SCOPES[scope]
}

const time = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' })

export function timeText(moment: string): string {
  return time.format(new Date(moment))
}

const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' })

export function dateText(moment: string): string {
  return date.format(new Date(moment))
}

export function placeText(device: string, address: string): string {
  return [device || 'Unknown program', address].filter(Boolean).join(' · ')
}
