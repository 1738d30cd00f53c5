import Testing

@testable import HTTPAPI

@Suite struct ConnectionCensusTests {
    private func census(_ change: (inout ServerLimits) -> Void = { _ in }) -> ConnectionCensus {
        var limits = ServerLimits()
        (limits.connections, limits.reservedConnections, limits.connectionsPerAddress) = (20, 4, 3)
        limits.trustedProxies = AddressList("192.0.2.7,2001:db8:1::/48")!
        change(&limits)
        return ConnectionCensus(limits: limits)
    }

    private func address(_ text: String) -> ClientAddress { ClientAddress(text)! }

    @Test func theLastPlacesAreRestrictedAndThereAreNoMore() {
        let census = census()
        for number in 0..<16 { #expect(census.admit(address("198.51.100.\(number)")) == .ordinary) }
        for number in 16..<20 { #expect(census.admit(address("198.51.100.\(number)")) == .restricted) }
        #expect(census.admit(address("198.51.100.99")) == .refused)
        census.release(address("198.51.100.1"))
        #expect(census.admit(nil) == .restricted)
        #expect(census.count == 20)
    }

    @Test(arguments: ["198.51.100.1", "2001:db8:9::1"]) func anAddressHasItsShare(_ text: String) {
        let census = census()
        let client = address(text)
        for _ in 0..<3 { #expect(census.admit(client) == .ordinary) }
        for _ in 0..<4 { #expect(census.admit(client) == .restricted) }
        #expect(census.admit(client) == .refused)
        #expect(census.admit(address("203.0.113.1")) == .ordinary)
        for _ in 0..<7 { census.release(client) }
        #expect(census.admit(client) == .ordinary)
    }

    @Test func anIPv6NetworkOfOneCustomerIsOneClient() {
        let census = census()
        for number in 1...3 { #expect(census.admit(address("2001:db8:9:1::\(number)")) == .ordinary) }
        #expect(census.admit(address("2001:db8:9:1:ffff::1")) == .restricted)
        #expect(census.admit(address("2001:db8:9:2::1")) == .ordinary)
    }

    @Test(arguments: ["127.0.0.1", "127.8.8.8", "::1", "192.0.2.7", "2001:db8:1:5::1", "::ffff:192.0.2.7"])
    func thisMachineAndTrustedProxiesHaveNoShare(_ text: String) {
        let census = census()
        for _ in 0..<16 { #expect(census.admit(address(text)) == .ordinary) }
    }

    @Test func addressesAreReadAsProxiesWriteThem() {
        #expect(ClientAddress("1.2.3.4:80") == ClientAddress("1.2.3.4") && ClientAddress("::ffff:1.2.3.4") == ClientAddress("1.2.3.4"))
        #expect(ClientAddress("[2001:db8::1]:443") == ClientAddress("2001:DB8:0::1"))
        for text in ["", "unknown", "_hidden", "1.2.3", "1.2.3.4.5", "256.1.1.1", "[::1", "a.b.c.d", "2001:db8::1::"] {
            #expect(ClientAddress(text) == nil, "\(text)")
        }
    }

    @Test func listsOfNetworks() {
        let list = AddressList("10.0.0.1, 172.16.0.0/12,fd00::/8")!
        for text in ["10.0.0.1", "172.16.0.0", "172.31.255.255", "fd12::9"] { #expect(list.contains(address(text)), "\(text)") }
        for text in ["10.0.0.2", "172.32.0.0", "fe80::1", "::1"] { #expect(!list.contains(address(text)), "\(text)") }
        for text in ["", "10.0.0.1,", "10.0.0.0/33", "10.0.0.0/x", "host", "10.0.0.1:80", "[::1]", "::1/129"] {
            #expect(AddressList(text) == nil, "\(text)")
        }
        #expect(AddressList("0.0.0.0/0")!.contains(address("9.9.9.9")) && !AddressList("0.0.0.0/0")!.contains(address("2001:db8::1")))
    }
}
