package import MarketData

// Reports as they travel through the control socket and as `--json` prints them: the same members either way.

extension CompactionReport {
    /// Writes the members into an object that is open.
    package func appendMembers(to writer: inout JSONWriter) {
        writer.member("segments_before", segmentsBefore)
        writer.member("segments_after", segmentsAfter)
        writer.member("bytes_before", bytesBefore)
        writer.member("bytes_after", bytesAfter)
        writer.member("dead_rows_dropped", deadRowsDropped)
        writer.member("dead_records_dropped", deadRecordsDropped)
    }

    /// Reads what `appendMembers` wrote; nil when a member is missing.
    package init?(_ value: JSONValue) {
        guard let segmentsBefore = value.count(of: "segments_before"), let segmentsAfter = value.count(of: "segments_after"),
            let bytesBefore = value.count(of: "bytes_before"), let bytesAfter = value.count(of: "bytes_after"),
            let deadRowsDropped = value.count(of: "dead_rows_dropped"), let deadRecordsDropped = value.count(of: "dead_records_dropped")
        else { return nil }
        self.init()
        (self.segmentsBefore, self.segmentsAfter) = (segmentsBefore, segmentsAfter)
        (self.bytesBefore, self.bytesAfter) = (bytesBefore, bytesAfter)
        (self.deadRowsDropped, self.deadRecordsDropped) = (deadRowsDropped, deadRecordsDropped)
    }
}

extension BackupReport {
    /// Writes the members into an object that is open.
    package func appendMembers(to writer: inout JSONWriter) {
        writer.member("path", path)
        writer.member("files", files)
        writer.member("bytes", bytes)
        writer.member("linked", isLinked)
        writer.member("rows", rows)
        writer.member("last_lsn", lastLSN)
    }

    /// Reads what `appendMembers` wrote; nil when a member is missing.
    package init?(_ value: JSONValue) {
        guard let path = value.member("path")?.string, let files = value.count(of: "files"), let bytes = value.count(of: "bytes"),
            let isLinked = value.member("linked")?.boolValue, let rows = value.count(of: "rows"), let lastLSN = value.count(of: "last_lsn")
        else { return nil }
        self.init(path: path)
        (self.files, self.bytes, self.isLinked) = (files, bytes, isLinked)
        (self.rows, self.lastLSN) = (rows, UInt64(lastLSN))
    }
}

extension VerifyReport {
    /// Writes the members into an object that is open.
    package func appendMembers(to writer: inout JSONWriter) {
        writer.member("clean", isClean)
        writer.member("deep", isDeep)
        writer.member("rows", rows)
        writer.member("segments", segments)
        writer.member("log_records", logRecords)
        writer.member("files", files)
        writer.member("bytes", bytes)
        writer.array("findings", findings)
    }
}

extension RepairReport {
    /// Writes the members into an object that is open.
    package func appendMembers(to writer: inout JSONWriter) {
        writer.member("applied", applied)
        writer.array("findings", findings)
        writer.array("actions", actions)
        writer.array("lost", lost)
        writer.member("originals", originals)
    }
}

extension JSONWriter {
    fileprivate mutating func array(_ key: String, _ findings: [Finding]) {
        self.key(key)
        beginArray()
        for finding in findings {
            beginObject()
            member("severity", finding.severity.rawValue)
            member("file", finding.file)
            member("offset", finding.offset)
            member("what", finding.what)
            member("affected", finding.affected)
            endObject()
        }
        endArray()
    }

    fileprivate mutating func array(_ key: String, _ sentences: [String]) {
        self.key(key)
        beginArray()
        for sentence in sentences { string(sentence) }
        endArray()
    }
}

extension JSONValue {
    /// A member that is a whole number from 0 on.
    fileprivate func count(of name: String) -> Int? {
        member(name)?.integer.flatMap { $0 >= 0 ? Int($0) : nil }
    }
}
