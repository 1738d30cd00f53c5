import MarketData

// A series in a payload: u8 lengths of symbol, source and source id, and their bytes.

extension SeriesKey {
    func encode(into out: inout [UInt8]) {
        out.append(UInt8(symbol.count))
        out.append(UInt8(source.count))
        out.append(UInt8(sourceID.count))
        out.append(contentsOf: symbol)
        out.append(contentsOf: source)
        out.append(contentsOf: sourceID)
    }

    /// The series that begins at `offset`, which moves behind it; nil when the bytes end before it does.
    init?(decoding bytes: UnsafeRawBufferPointer, at offset: inout Int) {
        guard offset + 3 <= bytes.count else { return nil }
        let symbol = offset + 3
        let source = symbol + Int(bytes[offset])
        let sourceID = source + Int(bytes[offset + 1])
        let end = sourceID + Int(bytes[offset + 2])
        guard end <= bytes.count else { return nil }
        self.init(symbol: [UInt8](bytes[symbol..<source]), source: [UInt8](bytes[source..<sourceID]), sourceID: [UInt8](bytes[sourceID..<end]))
        offset = end
    }
}
