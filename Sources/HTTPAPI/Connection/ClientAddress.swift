import NIOCore

/// An IP address as limits per client need it: 128 bits, where an IPv4 address is the one that RFC 4291 section 2.5.5.2 maps it to.
package struct ClientAddress: Hashable, Sendable {
    let high: UInt64
    let low: UInt64

    /// 0:0:0:0:0:ffff, before the 32 bits of an IPv4 address.
    private static let mappedPrefix: UInt64 = 0xFFFF_0000_0000

    private init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// nil for a unix socket: whoever may open it is one client.
    init?(_ address: SocketAddress?) {
        guard let address else { return nil }
        let words: (UInt64, UInt64)? = address.withSockAddr { pointer, size in
            let bytes = UnsafeRawBufferPointer(start: pointer, count: size)
            // The layouts of sockaddr_in and sockaddr_in6: family, port, and then the address or, before it, the flow.
            switch address {
            case .v4: return (0, Self.mappedPrefix | UInt64(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))))
            case .v6:
                return (
                    UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
                    UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
                )
            case .unixDomainSocket: return nil
            }
        }
        guard let words else { return nil }
        self.init(high: words.0, low: words.1)
    }

    /// From its text, as it stands in a list or in `X-Forwarded-For`: `10.0.0.1`, `10.0.0.1:80`, `2001:db8::1`, `[2001:db8::1]:80`.
    init?(_ text: some StringProtocol) {
        var text = String(text)
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            text = String(text[..<end].dropFirst())
        } else if text.contains("."), let colon = text.firstIndex(of: ":"), text.lastIndex(of: ":") == colon {
            text = String(text[..<colon])
        }
        guard let address = try? SocketAddress(ipAddress: text, port: 0) else { return nil }
        self.init(address)
    }

    var isIPv4: Bool { high == 0 && low & ~0xFFFF_FFFF == Self.mappedPrefix }

    /// This machine itself.
    var isLoopback: Bool {
        if isIPv4 { return low & 0xFF00_0000 == 0x7F00_0000 }
        return high == 0 && low == 1
    }

    /// What counts as one client: an IPv4 address, or the /64 of an IPv6 one, which is what a single customer is given.
    var client: ClientAddress { isIPv4 ? self : ClientAddress(high: high, low: 0) }

    /// Whether the first `bits` of 128 are those of `other`.
    func hasPrefix(_ other: ClientAddress, bits: Int) -> Bool {
        func mask(_ bits: Int) -> UInt64 { bits <= 0 ? 0 : bits >= 64 ? .max : .max << UInt64(64 - bits) }
        return (high ^ other.high) & mask(bits) == 0 && (low ^ other.low) & mask(bits - 64) == 0
    }
}

/// A list of addresses and networks, such as `10.0.0.1,192.168.0.0/16,::1`.
package struct AddressList: Sendable {
    private var networks: [(address: ClientAddress, bits: Int)] = []

    /// Empty.
    package init() {}

    /// nil when an element is neither an address nor a network with its prefix length.
    package init?(_ text: String) {
        for element in text.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = element.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            let name = parts[0].filter { $0 != " " }
            guard let address = ClientAddress(name), !name.hasPrefix("["), address.isIPv4 != name.contains(":") else { return nil }
            let width = address.isIPv4 ? 32 : 128
            var bits = width
            if parts.count == 2 {
                guard let length = Int(parts[1].filter { $0 != " " }), (0...width).contains(length) else { return nil }
                bits = length
            }
            networks.append((address, bits + 128 - width))
        }
    }

    func contains(_ address: ClientAddress) -> Bool { networks.contains { address.hasPrefix($0.address, bits: $0.bits) } }
}
