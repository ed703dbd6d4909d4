/**
 * What StrykerJS leaves as it is: the words of messages and of log lines. They are for people, and tests that hold each word
 * would only repeat them. What a program reads is changed: codes of errors, members, pointers.
 */
import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin'

/** Functions whose arguments are words. */
const TELLING = /^(refuse|refused|unexpected|warn|info|debug|note)$/

/** Members whose values are words. */
const WORDS = /^(detail|description|message|summary|title|found|todo|hint)$/

/** @param {import('@babel/core').NodePath} path */
const isText = ({ node }) => node.type === 'StringLiteral' || node.type === 'TemplateLiteral'

/** What it calls, without the object that this belongs to. @param {any} callee */
const nameOf = (callee) => callee.name ?? callee.property?.name ?? ''

/** @param {any} path @returns {boolean} */
const isMessage = ({ node, key, parent, listKey }) => {
  if (parent.type === 'NewExpression' && listKey === 'arguments') {
    // The first argument of our own error is its code.
    return /Error$/.test(nameOf(parent.callee)) && (nameOf(parent.callee) !== 'CoatcheckError' || key > 0)
  }
  if (parent.type === 'CallExpression' && listKey === 'arguments') return TELLING.test(nameOf(parent.callee))
  if (parent.type === 'ObjectProperty' && key === 'value') return WORDS.test(nameOf({ property: parent.key }))
  return node.type === 'StringLiteral' && parent.type === 'ConditionalExpression' && /\w \w/.test(node.value)
}

const messages = {
  /** @param {any} path */
  shouldIgnore: (path) => (isText(path) && isMessage(path) ? 'words for people' : undefined),
}

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, 'messages', messages)]
