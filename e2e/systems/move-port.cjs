// For machines where somebody else has port 8080, which TOKI's programs insist on: they listen on MOVED_PORT.
const { Server } = require('node:http')

const { listen } = Server.prototype
Server.prototype.listen = function (_port, ...more) {
  return listen.call(this, Number(process.env.MOVED_PORT), ...more)
}
