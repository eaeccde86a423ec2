/** The savepoint statements that Kysely leaves to a driver; both engines know the same three. */
import { IdentifierNode, RawNode } from 'kysely'

/** `command` is `savepoint`, `rollback to` or `release`. */
export function savepointNode(command: string, name: string): RawNode {
  return RawNode.createWithChildren([RawNode.createWithSql(`${command} `), IdentifierNode.create(name)])
}
