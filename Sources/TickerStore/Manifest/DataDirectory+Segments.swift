import MarketData

extension DataDirectory {
    /// Makes the directories of segments and state where they are missing, and their names durable.
    func makeSegmentDirectories() throws(StoreError) {
        try storing { () throws(FileError) in
            for (parent, directories) in [(path, [segmentsPath, statePath]), (segmentsPath, Family.allCases.map(path(of:)))] {
                var isChanged = false
                for directory in directories where try fileSystem.status(directory) == nil {
                    try fileSystem.makeDirectory(directory)
                    isChanged = true
                }
                if isChanged { try fileSystem.syncDirectory(parent) }
            }
        }
    }

    /// Makes the names of new segments durable.
    func syncSegmentDirectories(_ families: Set<Family>) throws(StoreError) {
        try storing { () throws(FileError) in
            for family in Family.allCases where families.contains(family) { try fileSystem.syncDirectory(path(of: family)) }
        }
    }

    // MARK: State

    /// Writes the whole state.
    ///
    /// - Parameter lastRowsLSN: Of the last record of the last batch with rows.
    func write(
        _ state: [String: [UInt8]],
        storeID: StoreID,
        generation: Int,
        lastLSN: UInt64,
        lastRowsLSN: UInt64,
        clock: RetentionClock
    ) throws(StoreError) -> Manifest.StateFile {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("format", Manifest.format)
        writer.member("store_id", storeID.description)
        writer.member("last_lsn", lastLSN)
        writer.member("last_rows_lsn", lastRowsLSN)
        writer.member("believed_ms", clock.believed)
        if let since = clock.doubtedSince { writer.member("doubted_since_ms", since) }
        writer.key("state")
        writer.beginObject()
        for (key, value) in state.sorted(by: { $0.key < $1.key }) { writer.rawMember(key, value) }
        writer.endObject()
        writer.endObject()
        let bytes = writer.bytes + [0x0A]
        let name = "\(generation).json"
        try storing { () throws(FileError) in try fileSystem.replace(name, in: statePath, with: bytes) }
        return Manifest.StateFile(name: name, bytes: bytes.count, crc: bytes.withUnsafeBytes { crc32($0) })
    }

    /// What a state file says.
    struct KeptState {
        var state: [String: [UInt8]] = [:]
        /// The end of the last batch with rows, as far as that is known.
        var lastRowsLSN: UInt64?
        /// nil: an older version wrote it.
        var clock: RetentionClock?
    }

    /// Reads the state that the manifest lists; nothing when it lists none.
    ///
    /// - Throws: `.corrupt` when the file is missing or its bytes are not those that were written.
    func readState(_ file: Manifest.StateFile?) throws(StoreError) -> KeptState {
        guard let file else { return KeptState() }
        let path = statePath + "/" + file.name
        guard let bytes = try storing({ () throws(FileError) in try fileSystem.contents(path, limit: file.bytes) }) else {
            throw .corrupt(path, offset: 0, "the manifest lists this file, but it is missing. \(LogRecovery.advice)")
        }
        guard bytes.count == file.bytes, bytes.withUnsafeBytes({ crc32($0) }) == file.crc, let document = try? JSONDocument(parsing: bytes),
            let members = document.root.member("state")?.members
        else { throw .corrupt(path, offset: 0, "the state file is damaged. \(LogRecovery.advice)") }
        var kept = KeptState()
        for (key, value) in members { if let key = key.string { kept.state[key] = Array(bytes[value.raw]) } }
        kept.lastRowsLSN = document.root.count("last_rows_lsn").map { UInt64($0) }
        if let believed = document.root.member("believed_ms")?.integer {
            kept.clock = RetentionClock(believed: believed, doubtedSince: document.root.member("doubted_since_ms")?.integer)
        }
        return kept
    }

    // MARK: Dead rows

    /// One bit a row of a segment: dead; empty when none is.
    ///
    /// - Throws: `.corrupt`.
    func readDeadRows(of info: SegmentInfo) throws(StoreError) -> [UInt64] {
        guard let dead = info.dead else { return [] }
        let path = path(of: info.family) + "/" + dead.file
        guard let bytes = try storing({ () throws(FileError) in try fileSystem.contents(path, limit: dead.bytes) }) else {
            throw .corrupt(path, offset: 0, "the manifest lists this file, but it is missing. \(LogRecovery.advice)")
        }
        guard bytes.count == dead.bytes, bytes.withUnsafeBytes({ crc32($0) }) == dead.crc else {
            throw .corrupt(path, offset: 0, "the list of dead rows is damaged. \(LogRecovery.advice)")
        }
        return try DeadRowsFile.decode(bytes, info: info, path: path)
    }
}
