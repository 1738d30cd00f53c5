import Glibc

/// Which addresses one hop may connect to. Asked with the address that is about to be connected, after name resolution: a name cannot
/// be swapped between a check and its use.
enum AddressPolicy: Sendable {
    /// No rule: `allow_private`, the operator's own literal, or a proxy, whose address the operator wrote himself.
    case anyAddress
    /// Only addresses that are reachable from the whole Internet.
    case publicOnly
    /// A unix socket and nothing else.
    case unixSocket

    /// The policy for one hop of a request.
    ///
    /// - Parameters:
    ///   - hop: where this hop goes.
    ///   - operatorAddress: what the operator wrote; nil if he wrote nothing, or something that is no URL.
    init(hop: WebAddress, operatorAddress: WebAddress?, allowPrivateAddresses: Bool) {
        let isWrittenByOperator =
            operatorAddress.map { $0.hasSameHostAndPort(as: hop) && ($0.host == "localhost" || IPAddress(literal: $0.host) != nil) } ?? false
        self = allowPrivateAddresses || isWrittenByOperator ? .anyAddress : .publicOnly
    }

    func allows(_ address: IPAddress) -> Bool {
        switch self {
        case .anyAddress: true
        case .publicOnly: address.isPublic
        case .unixSocket: false
        }
    }
}

/// An IPv4 or IPv6 address as its bytes.
struct IPAddress: Sendable, Equatable, CustomStringConvertible {
    /// 4 or 16 bytes in network order.
    let bytes: [UInt8]

    /// From the host part of a URL; nil for a name. The brackets and the zone of an IPv6 literal are ignored.
    init?(literal host: String) {
        var text = host[...]
        if text.hasPrefix("["), text.hasSuffix("]") { text = text.dropFirst().dropLast() }
        if let zone = text.firstIndex(of: "%") { text = text[..<zone] }
        var v4 = in_addr()
        var v6 = in6_addr()
        if inet_pton(AF_INET, String(text), &v4) == 1 {
            bytes = withUnsafeBytes(of: &v4) { Array($0) }
        } else if inet_pton(AF_INET6, String(text), &v6) == 1 {
            bytes = withUnsafeBytes(of: &v6) { Array($0) }
        } else {
            return nil
        }
    }

    /// From a socket address of `length` bytes; nil for a family that is not IP.
    init?(socketAddress: UnsafeRawPointer, family: Int32, length: Int) {
        switch family {
        case AF_INET where length >= MemoryLayout<sockaddr_in>.size:
            var address = socketAddress.loadUnaligned(as: sockaddr_in.self).sin_addr
            bytes = withUnsafeBytes(of: &address) { Array($0) }
        case AF_INET6 where length >= MemoryLayout<sockaddr_in6>.size:
            var address = socketAddress.loadUnaligned(as: sockaddr_in6.self).sin6_addr
            bytes = withUnsafeBytes(of: &address) { Array($0) }
        default:
            return nil
        }
    }

    /// Whether the address is globally reachable by the IANA special-purpose registries (RFC 6890). IPv6 forms that carry an IPv4 address
    /// are judged by that address, since the packet ends there.
    var isPublic: Bool {
        if bytes.count == 4 { return Self.isPublic(v4: bytes[...]) }
        let words = stride(from: 0, to: 16, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        switch words[0] {
        // ::/96 with unspecified, loopback and v4-compatible, ::ffff:0:0/96 v4-mapped.
        case 0 where words[1...4].allSatisfy({ $0 == 0 }) && (words[5] == 0 || words[5] == 0xFFFF):
            return words[5] == 0xFFFF && Self.isPublic(v4: bytes[12...])
        case 0x0064 where words[1] == 0xFF9B:  // 64:ff9b::/96 NAT64; 64:ff9b:1::/48 is for local use
            return words[2...5].allSatisfy { $0 == 0 } && Self.isPublic(v4: bytes[12...])
        case 0x2002: return Self.isPublic(v4: bytes[2..<6])  // 6to4
        case 0x2001 where words[1] < 0x0200: return false  // IETF protocol assignments, Teredo among them
        case 0x2001 where words[1] == 0x0DB8: return false  // documentation
        case 0x3FFF where words[1] < 0x1000: return false  // documentation
        default: return words[0] & 0xE000 == 0x2000  // only 2000::/3 is global unicast; this leaves out fc00::/7, fe80::/10, ff00::/8
        }
    }

    private static func isPublic(v4 bytes: ArraySlice<UInt8>) -> Bool {
        let address = bytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return !specialV4.contains { address & (~UInt32(0) << (32 - $0.prefix)) == $0.network }
    }

    /// Networks that are not globally reachable (IANA IPv4 special-purpose address registry), and multicast.
    private static let specialV4: [(network: UInt32, prefix: UInt32)] = [
        (0x0000_0000, 8),  // this network
        (0x0A00_0000, 8),  // private
        (0x6440_0000, 10),  // carrier-grade NAT
        (0x7F00_0000, 8),  // loopback
        (0xA9FE_0000, 16),  // link-local, cloud metadata services
        (0xAC10_0000, 12),  // private
        (0xC000_0000, 24),  // IETF protocol assignments
        (0xC000_0200, 24),  // documentation
        (0xC058_6300, 24),  // retired 6to4 relays
        (0xC0A8_0000, 16),  // private
        (0xC612_0000, 15),  // benchmarking
        (0xC633_6400, 24),  // documentation
        (0xCB00_7100, 24),  // documentation
        (0xE000_0000, 4),  // multicast
        (0xF000_0000, 4),  // reserved, and the broadcast address
    ]

    var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return "unreadable address" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
