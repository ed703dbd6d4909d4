import { coatcheckHook } from '/coatcheck-liveview.min.js'
import { addHook } from '/live.js'

const meta = (name) => document.querySelector(`meta[name="${name}"]`).content

const settings = coatcheckHook({
  url: meta('coatcheck-url'),
  credential: meta('coatcheck-token'),
  renew: true,
  takeOver: ['username'],
})

addHook('Settings', settings)
