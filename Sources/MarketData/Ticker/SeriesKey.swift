import Crypto

/// The name of a series of rows: one coin of one source. Together with a timestamp it is a row's identity.
///
/// `sourceID` is part of it because one source lists many coins under one ticker. The order is that of the UTF-8 bytes
/// of `symbol`, then `source`, then `sourceID`; it is the order of rows on disk and in cursors, so it never depends
/// on a locale or a Unicode version.
public struct SeriesKey: Hashable, Comparable, Sendable {
    /// The normalised symbol, as `TickerText.appendSymbol` writes it.
    public let symbol: [UInt8]
    /// The name of the configured source.
    public let source: [UInt8]
    /// The source's own id of the coin; equal to `symbol` where a source has none.
    public let sourceID: [UInt8]

    /// A key of three texts that have been checked and normalised; nothing is changed here.
    public init(symbol: [UInt8], source: [UInt8], sourceID: [UInt8]) {
        self.symbol = symbol
        self.source = source
        self.sourceID = sourceID
    }

    /// A key of three texts as strings; their UTF-8 is taken.
    public init(symbol: String, source: String, sourceID: String) {
        self.init(symbol: Array(symbol.utf8), source: Array(source.utf8), sourceID: Array(sourceID.utf8))
    }

    /// Order by the bytes of `symbol`, then `source`, then `sourceID`.
    public static func < (a: SeriesKey, b: SeriesKey) -> Bool {
        var order = compareBytes(a.symbol, b.symbol)
        if order == 0 { order = compareBytes(a.source, b.source) }
        if order == 0 { order = compareBytes(a.sourceID, b.sourceID) }
        return order < 0
    }

    /// Whole buffers at a time: the array's own hashing takes one byte after the other.
    public func hash(into hasher: inout Hasher) {
        for part in [symbol, source, sourceID] {
            // The length keeps ("A", "BC") and ("AB", "C") apart.
            hasher.combine(part.count)
            part.withUnsafeBytes { hasher.combine(bytes: $0) }
        }
    }

    /// The idempotency key of a row: SHA-256 of `source|source_id|symbol|timestamp-ms` in lower-case hexadecimal,
    /// the timestamp in decimal.
    ///
    /// It is derived when asked for, never stored, and never compared to tell rows apart: a `|` inside a part could
    /// make two identities meet.
    public static func idempotencyKey(_ series: SeriesKey, _ timestamp: Timestamp) -> String {
        var text: [UInt8] = []
        for part in [series.source, series.sourceID, series.symbol] {
            text.append(contentsOf: part)
            text.append(ASCII.verticalBar)
        }
        text.append(contentsOf: String(timestamp.milliseconds).utf8)
        var hash = SHA256()
        text.withUnsafeBytes { hash.update(bufferPointer: $0) }
        return Hexadecimal.text(hash.finalize())
    }
}

extension SeriesKey: CustomStringConvertible {
    /// `BTC/coinpaprika/btc-bitcoin`, for messages.
    public var description: String {
        [symbol, source, sourceID].map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
    }
}
