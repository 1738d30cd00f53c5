import MarketData

extension SegmentInfo {
    func append(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("family", family.name)
        writer.member("id", id)
        writer.member("rows", rows)
        writer.member("earliest", earliest)
        writer.member("latest", latest)
        writer.member("bytes", bytes)
        writer.member("crc32", Hexadecimal.text(crc))
        writer.member("index_bytes", indexBytes)
        writer.member("index_crc32", Hexadecimal.text(indexCRC))
        writer.key("live")
        writer.beginObject()
        for (source, rows) in live.sorted(by: { $0.key < $1.key }) { writer.member(source, rows) }
        writer.endObject()
        writer.array("recorded", [recorded.lowerBound, recorded.upperBound]) { $0.number($1) }
        if let dead {
            writer.key("dead")
            writer.file(dead.file, bytes: dead.bytes, crc: dead.crc, rows: dead.rows)
        }
        writer.endObject()
    }

    init?(_ value: JSONValue) {
        let recorded = value.member("recorded")?.elements.compactMap { $0.integer } ?? []
        guard let family = value.member("family")?.string.flatMap(Family.init(name:)), let id = value.count("id"), let rows = value.count("rows"),
            let earliest = value.member("earliest")?.integer, let latest = value.member("latest")?.integer, earliest <= latest,
            let bytes = value.count("bytes"), let crc = value.crc("crc32"), let indexBytes = value.count("index_bytes"),
            let indexCRC = value.crc("index_crc32"), recorded.count == 2, recorded[0] <= recorded[1]
        else { return nil }
        var dead: DeadFile?
        if let entry = value.member("dead") {
            guard let name = entry.member("file")?.string, let rows = entry.count("rows"), let bytes = entry.count("bytes"),
                let crc = entry.crc("crc32")
            else { return nil }
            dead = DeadFile(file: name, rows: rows, bytes: bytes, crc: crc)
        }
        var live: [String: Int] = [:]
        if let sources = value.member("live")?.members {
            for (source, rows) in sources { if let name = source.string, let rows = rows.integer { live[name] = Int(rows) } }
        }
        self.init(
            family: family,
            id: UInt64(id),
            rows: rows,
            earliest: earliest,
            latest: latest,
            bytes: bytes,
            crc: crc,
            indexBytes: indexBytes,
            indexCRC: indexCRC,
            live: live,
            recorded: recorded[0]...recorded[1],
            dead: dead
        )
    }
}

extension JSONWriter {
    mutating func file(_ name: String, bytes: Int, crc: UInt32, rows: Int?) {
        beginObject()
        member("file", name)
        if let rows { member("rows", rows) }
        member("bytes", bytes)
        member("crc32", Hexadecimal.text(crc))
        endObject()
    }
}

extension JSONValue {
    /// Eight hex digits.
    func crc(_ name: String) -> UInt32? {
        member(name)?.string.flatMap { $0.utf8.count == 8 ? UInt32($0, radix: 16) : nil }
    }

    /// A number that is not negative.
    func count(_ name: String) -> Int? {
        member(name)?.integer.flatMap { $0 >= 0 ? Int($0) : nil }
    }
}

extension Manifest {
    /// The latest time at which something is known to have been stored, as far as the manifest tells.
    var newestRecord: Int64 {
        let recorded = segments.filter { $0.family == .raw || $0.family == .quarantine }.map(\.recorded.upperBound)
        return max(created, recorded.max() ?? created)
    }
}
