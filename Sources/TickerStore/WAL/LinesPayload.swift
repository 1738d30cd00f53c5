import MarketData

/// LINES: records of the families that are only appended to.
///
/// | bytes | field |
/// |---|---|
/// | 4 | records n |
/// | rest | n × (i64 position, u32 line length, u8 family, u8 lengths of symbol, source and source id; their bytes, the line) |
enum LinesPayload {
    private static let fixedLength = 16

    static func encode(_ records: [LineRecord], into out: inout [UInt8]) {
        out.append(littleEndian: UInt32(records.count))
        for record in records {
            out.append(littleEndian: record.position)
            out.append(littleEndian: UInt32(record.line.count))
            out.append(record.family.rawValue)
            out.append(UInt8(record.series.symbol.count))
            out.append(UInt8(record.series.source.count))
            out.append(UInt8(record.series.sourceID.count))
            out.append(contentsOf: record.series.symbol)
            out.append(contentsOf: record.series.source)
            out.append(contentsOf: record.series.sourceID)
            out.append(contentsOf: record.line)
        }
    }

    static func decode(_ bytes: UnsafeRawBufferPointer) throws(MalformedPayload) -> [LineRecord] {
        guard bytes.count >= 4 else { throw MalformedPayload("LINES payload is cut") }
        var offset = 4
        var result: [LineRecord] = []
        func take(_ length: Int) -> [UInt8] {
            defer { offset += length }
            return [UInt8](bytes[offset..<offset + length])
        }
        for _ in 0..<bytes.integer(UInt32.self, at: 0) {
            guard offset + fixedLength <= bytes.count else { throw MalformedPayload("LINES payload is cut") }
            let position = bytes.integer(Int64.self, at: offset)
            let length = Int(bytes.integer(UInt32.self, at: offset + 8))
            guard let family = Family(rawValue: bytes[offset + 12]), family == .runs || family == .outliers else {
                throw MalformedPayload("LINES payload has a record of family \(bytes[offset + 12])")
            }
            let texts = (Int(bytes[offset + 13]), Int(bytes[offset + 14]), Int(bytes[offset + 15]))
            offset += fixedLength
            guard offset + texts.0 + texts.1 + texts.2 + length <= bytes.count else { throw MalformedPayload("LINES payload is cut") }
            let series = SeriesKey(symbol: take(texts.0), source: take(texts.1), sourceID: take(texts.2))
            result.append(LineRecord(family: family, series: series, position: position, line: take(length)))
        }
        guard offset == bytes.count else { throw MalformedPayload("LINES payload lengths do not add up") }
        return result
    }
}
