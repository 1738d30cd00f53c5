import MarketData

/// LINES: records of the families that are only appended to.
///
/// | bytes | field |
/// |---|---|
/// | 4 | records n |
/// | rest | n × (i64 position, u32 line length, u8 family, series (`SeriesKey.encode`), the line) |
enum LinesPayload {
    private static let fixedLength = 13

    static func encode(_ records: [LineRecord], into out: inout [UInt8]) {
        out.append(littleEndian: UInt32(records.count))
        for record in records {
            out.append(littleEndian: record.position)
            out.append(littleEndian: UInt32(record.line.count))
            out.append(record.family.rawValue)
            record.series.encode(into: &out)
            out.append(contentsOf: record.line)
        }
    }

    static func decode(_ bytes: UnsafeRawBufferPointer) throws(MalformedPayload) -> [LineRecord] {
        guard bytes.count >= 4 else { throw MalformedPayload("LINES payload is cut") }
        var offset = 4
        var result: [LineRecord] = []
        for _ in 0..<bytes.integer(UInt32.self, at: 0) {
            guard offset + fixedLength <= bytes.count else { throw MalformedPayload("LINES payload is cut") }
            let position = bytes.integer(Int64.self, at: offset)
            let length = Int(bytes.integer(UInt32.self, at: offset + 8))
            guard let family = Family(rawValue: bytes[offset + 12]), family == .runs || family == .outliers else {
                throw MalformedPayload("LINES payload has a record of family \(bytes[offset + 12])")
            }
            offset += fixedLength
            guard let series = SeriesKey(decoding: bytes, at: &offset), offset + length <= bytes.count else {
                throw MalformedPayload("LINES payload is cut")
            }
            result.append(LineRecord(family: family, series: series, position: position, line: [UInt8](bytes[offset..<offset + length])))
            offset += length
        }
        guard offset == bytes.count else { throw MalformedPayload("LINES payload lengths do not add up") }
        return result
    }
}
