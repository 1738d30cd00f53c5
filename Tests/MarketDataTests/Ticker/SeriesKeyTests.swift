import MarketData
import Testing

@Suite struct SeriesKeyTests {
    @Test func orderIsByTheBytesOfSymbolThenSourceThenID() {
        let ordered = [
            SeriesKey(symbol: "A", source: "z", sourceID: "z"), SeriesKey(symbol: "AA", source: "a", sourceID: "a"),
            SeriesKey(symbol: "B", source: "a", sourceID: "x"), SeriesKey(symbol: "B", source: "b", sourceID: "a"),
            SeriesKey(symbol: "B", source: "b", sourceID: "ab"), SeriesKey(symbol: "a", source: "a", sourceID: "a"),
            SeriesKey(symbol: "é", source: "a", sourceID: "a"), SeriesKey(symbol: "\u{FFFD}", source: "a", sourceID: "a"),
            SeriesKey(symbol: "🚀", source: "a", sourceID: "a"),
        ]
        #expect(ordered.reversed().sorted() == ordered)
        for (a, b) in zip(ordered, ordered.dropFirst()) { #expect(a < b && !(b < a)) }
    }

    @Test func partsAreNotRunTogether() {
        let keys: Set = [
            SeriesKey(symbol: "AB", source: "C", sourceID: ""), SeriesKey(symbol: "A", source: "BC", sourceID: ""),
            SeriesKey(symbol: "A", source: "B", sourceID: "C"),
        ]
        #expect(keys.count == 3)
    }

    /// The digest was made with sha256sum over `coinpaprika|btc-bitcoin|BTC|1734273000000`.
    @Test func theIdempotencyKeyIsTheDocumentedDigest() {
        let series = SeriesKey(symbol: "BTC", source: "coinpaprika", sourceID: "btc-bitcoin")
        let key = SeriesKey.idempotencyKey(series, Timestamp(milliseconds: 1_734_273_000_000))
        #expect(key == "fd072ded189089640ce7969aed9373e95536044a8302123cf8bf821fbf703c5e")
    }
}
