package import MarketData

/// A quarantined record as the store keeps it.
package struct WaitingRecord: Sendable, Equatable {
    package var id: RecordDigest
    package var source: String
    /// When its batch was fetched.
    package var recordedAt: Timestamp
    package var runID: String
    /// The number of its batch in that run.
    package var batch: Int
    /// The file or page.
    package var place: String
    /// Line in the file, index in the page.
    package var position: Int
    package var reasons: [String]
    /// The record as it came.
    package var content: [UInt8]
    /// The header line of its file; empty where the content says all, or where it was not kept.
    package var header: [UInt8]
    /// Of the log record that it came in; nil: an older version has sealed it, or it came over the API.
    package var lsn: UInt64?

    /// Where the record stands in the order of `Snapshot.quarantined`.
    package var placeInOrder: QuarantinePosition { QuarantinePosition(recordedAt: recordedAt, source: source, id: id) }
}

/// A place in the order of quarantined records, by time, source and id; the record itself need not be there any more.
package struct QuarantinePosition: Sendable, Equatable {
    package var recordedAt: Timestamp
    package var source: String
    package var id: RecordDigest

    package init(recordedAt: Timestamp, source: String, id: RecordDigest) {
        self.recordedAt = recordedAt
        self.source = source
        self.id = id
    }

    /// One word for a URL: milliseconds, id and source.
    package var text: String { "\(recordedAt.milliseconds).\(id.hexadecimal).\(source)" }

    /// nil: it is none that `text` made.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let milliseconds = Int64(parts[0]), let id = RecordDigest(hexadecimal: String(parts[1])) else { return nil }
        self.init(recordedAt: Timestamp(milliseconds: milliseconds), source: String(parts[2]), id: id)
    }
}

// MARK: As a line

extension WaitingRecord {
    /// Appends the members of the record's line (`FORMAT.md`, Lines of a segment), which the API shows as well, but for the LSN.
    package func appendMembers(to writer: inout JSONWriter) { appendMembers(to: &writer, lsn: nil) }

    private func appendMembers(to writer: inout JSONWriter, lsn: UInt64?) {
        writer.member("id", id.hexadecimal)
        writer.member("source", source)
        writer.member("recorded_at", recordedAt.description)
        writer.member("run_id", runID)
        writer.member("batch", batch)
        if let lsn { writer.member("lsn", lsn) }
        writer.member("place", place)
        writer.member("position", position)
        writer.array("reasons", reasons) { $0.string($1) }
        if !header.isEmpty { writer.bytes("header", header) }
        writer.bytes("content", content)
    }

    /// From such an object.
    package init?(_ value: JSONValue) {
        guard let id = value.member("id")?.string.flatMap(RecordDigest.init(hexadecimal:)), let source = value.member("source")?.string,
            let time = value.member("recorded_at")?.string, let recordedAt = try? Timestamp.parse(Array(time.utf8).span),
            let runID = value.member("run_id")?.string, let batch = value.member("batch")?.integer, let place = value.member("place")?.string,
            let position = value.member("position")?.integer, let reasons = value.member("reasons")?.elements,
            let content = value.bytes("content")
        else { return nil }
        self.init(
            id: id,
            source: source,
            recordedAt: recordedAt,
            runID: runID,
            batch: Int(batch),
            place: place,
            position: Int(position),
            reasons: reasons.compactMap(\.string),
            content: content,
            header: value.bytes("header") ?? [],
            lsn: value.lsn
        )
    }

    /// The whole line, without its newline.
    func appendLine(to out: inout [UInt8]) {
        var writer = JSONWriter()
        writer.beginObject()
        appendMembers(to: &writer, lsn: lsn)
        writer.endObject()
        out.append(contentsOf: writer.bytes)
    }
}

extension JSONWriter {
    /// A member whose text is the bytes; where they are no UTF-8, a member `…_base64`.
    fileprivate mutating func bytes(_ name: String, _ bytes: [UInt8]) {
        if let text = String(validating: bytes, as: UTF8.self) {
            member(name, text)
        } else {
            member(name + "_base64", Base64.encode(bytes))
        }
    }
}

extension JSONValue {
    /// What `JSONWriter.bytes` wrote.
    fileprivate func bytes(_ name: String) -> [UInt8]? {
        if let value = member(name) {
            var text: [UInt8] = []
            return value.appendString(to: &text) ? text : nil
        }
        return member(name + "_base64")?.string.flatMap { Base64.decode($0) }
    }
}
