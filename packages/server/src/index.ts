export type { BackupConfig, BackupDone, BackupOptions } from './backup/back-up.ts'
export type { Backup } from './backup/backup-format.ts'
export { backUp, backUpKeys, checkBackup, restore, rotateKey } from './backup/commands.ts'
export type { RestoreConfig, RestoreDone, RestoreOptions } from './backup/restore.ts'
export { type ConfigSources, readConfig } from './config/read-config.ts'
export {
  type Config,
  flagOf,
  SETTINGS,
  type Setting,
  type SettingType,
  variableOf,
} from './config/settings.ts'
export { type OpenDataOptions, openData, type ServerData, type ServerDatabase } from './data/open-data.ts'
export { openOperatorData } from './data/operator-data.ts'
export { type ApplyOptions, type ApplyResult, applyDirectory } from './directory/apply.ts'
export type { DirectoryChange } from './directory/draft.ts'
export type { DoctorCheck } from './doctor/check.ts'
export { examine } from './doctor/doctor.ts'
export type { RotateOptions, Rotation } from './keys/rotate.ts'
export { invitePerson, type NamedPerson, setPersonPassword } from './oauth/operator.ts'
export { applyDirectoryFile } from './run/first-directory.ts'
export { serve } from './run/serve.ts'
export { type RunningServer, startServer } from './run/start-server.ts'
export { StartFailure } from './start-failure.ts'
export { type CreatedToken, createToken, type NewToken, revokeToken } from './tokens/tokens.ts'
