import MarketData
import Testing

@Suite struct ByteInternerTests {
    @Test func idsAreDenseAndInTheOrderOfFirstSight() {
        var interner = ByteInterner()
        #expect(["BTC", "ETH", "", "BTC", "btc", ""].map { interner.intern(bytes($0).span) } == [0, 1, 2, 0, 3, 2])
        #expect(interner.count == 4)
        #expect(text(interner[1]) == "ETH")
        #expect(interner[2].isEmpty)
        #expect(interner.id(of: bytes("btc").span) == 3)
        #expect(interner.id(of: bytes("XRP").span) == nil)
    }

    @Test func thousandsOfSimilarTextsStayApart() {
        var interner = ByteInterner()
        let texts = (0..<20_000).map { bytes("coin-\($0)") } + (0..<300).map { [UInt8](repeating: 0, count: $0) }
        for (id, text) in texts.enumerated() { #expect(interner.intern(text.span) == UInt32(id)) }
        for (id, text) in texts.enumerated() {
            #expect(interner.intern(text.span) == UInt32(id))
            #expect(interner[UInt32(id)] == text)
        }
    }
}
