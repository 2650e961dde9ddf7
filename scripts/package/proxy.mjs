// A forward proxy on the loopback address that lets one host through and remembers whom else it was asked for.
import { createServer, request } from 'node:http'
import { connect } from 'node:net'

/** @param registry the address of the host that may be reached */
export async function registryOnly(registry) {
  const allowed = new URL(registry).hostname
  const refused = []
  const server = createServer((incoming, outgoing) => {
    const url = new URL(incoming.url, registry)
    if (url.hostname !== allowed) {
      refused.push(url.hostname)
      outgoing.writeHead(403).end()
      return
    }
    const onward = request(url, { method: incoming.method, headers: incoming.headers }, (answer) => {
      outgoing.writeHead(answer.statusCode, answer.headers)
      answer.pipe(outgoing)
    })
    onward.on('error', () => outgoing.destroy())
    incoming.pipe(onward)
  })
  server.on('connect', ({ url }, socket, head) => {
    const [host, port] = url.split(':')
    socket.on('error', () => {})
    if (host !== allowed) {
      refused.push(host)
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
      return
    }
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      onward.write(head)
      onward.pipe(socket).pipe(onward)
    })
    onward.on('error', () => socket.destroy())
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    refused: () => refused,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
