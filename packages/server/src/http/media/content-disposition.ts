/**
 * `Content-Disposition: attachment` with a file name made from a topic (RFC 6266, RFC 8187). The topic comes from
 * people and phones, so nothing of it can end the header, name a folder, or start with a dot.
 */

const NAME_CHARS_MAX = 100 // Far below the 255 bytes that file systems take, also as UTF-8.

/** The header's value for a topic and an extension such as `mp3`. */
export function attachment(topic: string, extension: string): string {
  const name = `${safeName(topic)}.${extension}`
  const ascii = name.replace(/[^\x20-\x7e]/gu, '_').replace(/["\\%;]/g, '_')
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encode(name)}`
}

/** A topic as a file name: no separators, no control or direction characters, no leading or trailing dots. */
function safeName(topic: string): string {
  const plain = topic
    .toWellFormed()
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '')
    .replace(/[/\\:*?"<>|]/g, '-')
  const short = [...plain].slice(0, NAME_CHARS_MAX).join('')
  return short.replace(/^[\s.]+|[\s.]+$/g, '') || 'recording'
}

/** RFC 8187 §3.2.1: everything but attr-char is escaped. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /['()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
