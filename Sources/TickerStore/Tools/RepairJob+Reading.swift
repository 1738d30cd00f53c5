import MarketData

extension RepairJob {
    /// Keys that are taken out in one batch.
    private static let keysAtOnce = 5_000

    /// Makes the next run read again what is lost: the state must not say any more that it was.
    ///
    /// The log has the last word about the state, so a batch behind all others takes the keys out; it comes with the manifest, as everything does.
    mutating func forgetReading() throws(StoreError) {
        if loss.isEmpty { return }
        let keys = try readingKeys()
        if keys.isEmpty { return }
        let names = manifest.logFiles
        let clean = CleanMarker.read(from: directory, storeID: manifest.storeID) ?? 0
        let first = try highestLSN(names, max(clean, manifest.durableLSN, manifest.firstLSN - 1)) + 1
        try announce(["wal/" + LogFormat.fileName(firstLSN: first)])
        var rewrite = try LogRewrite(directory, storeID: manifest.storeID, firstLSN: first)
        var walk = LogWalk(directory, storeID: manifest.storeID, firstLSN: manifest.firstLSN, durableLSN: manifest.durableLSN)
        _ = try walk.run(names) { (batch) throws(StoreError) in try rewrite.add(batch) }
        var rest = keys[...]
        while !rest.isEmpty {
            try rewrite.remove(Array(rest.prefix(Self.keysAtOnce)))
            rest = rest.dropFirst(Self.keysAtOnce)
        }
        let last = try rewrite.finish()
        if clean > 0 { try dropMarker("CLEAN, which tells of the old log, is taken away") }
        obsolete += names.map { "wal/" + $0 }
        manifest.logFiles = [rewrite.name]
        manifest.firstLSN = first
        manifest.durableLSN = last
        isChanged = true
        let whose = loss.names.map { $0.sorted().joined(separator: ", ") } ?? "all sources"
        report.actions.append(
            "what is remembered of files and pages of \(whose) that were read is forgotten: the next run reads them again and stores what is missing. "
                + "Files must still be in the inbox"
        )
    }

    /// The keys of the state that say that something of the lost sources was read, in order.
    private func readingKeys() throws(StoreError) -> [String] {
        // A state that cannot be read is dropped by this repair.
        var keys = Set(try directory.readState(manifest.state).state.keys)
        var walk = LogWalk(directory, storeID: manifest.storeID, firstLSN: manifest.firstLSN, durableLSN: manifest.durableLSN)
        _ = try walk.run(manifest.logFiles) { batch in
            for record in batch where LogRecordType(rawValue: record.header.type) == .state {
                let changes = record.payload.withUnsafeBytes { try? StatePayload.decode($0) }
                for change in changes ?? [] {
                    if change.value == nil { keys.remove(change.key) } else { keys.insert(change.key) }
                }
            }
        }
        return keys.filter { memory.speaksOf($0, loss.names) }.sorted()
    }
}
