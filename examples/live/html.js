/** HTML from templates: what is put in is text, unless it came from a template itself. */

class Html extends String {}

const ESCAPES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

const shown = (value) => {
  if (value instanceof Html) return String(value)
  if (Array.isArray(value)) return value.map(shown).join('')
  if (value === null || value === undefined || value === false) return ''
  return String(value).replace(/[&<>"']/g, (character) => ESCAPES[character])
}

export const html = (strings, ...values) => new Html(String.raw({ raw: strings }, ...values.map(shown)))
