import { type LookupAddress, type LookupOptions, lookup } from 'node:dns'
import { BlockList, isIP, isIPv4 } from 'node:net'
import { networkInterfaces } from 'node:os'

// The registries of special addresses of IANA (RFC 6890), without those that anybody on the internet can reach.
const special: readonly string[] = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4'],
  ...['240.0.0.0/4', '::/128', '::1/128', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001::/23'],
  ...['2001:db8::/32', '2002::/16', 'fc00::/7', 'fe80::/10', 'ff00::/8'],
]

const family = (address: string): 'ipv4' | 'ipv6' => (isIPv4(address) ? 'ipv4' : 'ipv6')

/** Whether an address is of this machine or of a network that the internet does not reach: no webhook may lie there. */
export function isOwnNetwork(address: string): boolean {
  const own = Object.values(networkInterfaces()).flatMap(
    (addresses) => addresses?.flatMap(({ cidr }) => cidr ?? []) ?? [],
  )
  const list = new BlockList()
  for (const subnet of [...special, ...own]) {
    const [net = '', bits] = subnet.split('/')
    list.addSubnet(net, Number(bits), family(net))
  }
  return list.check(address, family(address))
}

type LookupCallback = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void

/** Looks a name up and fails where it leads into the own network: what is checked is what is connected to. */
export function publicLookup(name: string, options: LookupOptions, callback: LookupCallback): void {
  lookup(name, { ...options, all: true }, (error, addresses) => {
    const inside = !error && addresses.some(({ address }) => isOwnNetwork(address))
    if (inside) callback(Object.assign(new Error('own network'), { code: 'OWN_NETWORK' }), [])
    else callback(error, addresses ?? [])
  })
}

/** Of an address without a name, which is never looked up. */
export const isOwnHost = (host: string): boolean => {
  const address = host.replace(/^\[|\]$/g, '')
  return isIP(address) !== 0 && isOwnNetwork(address)
}
