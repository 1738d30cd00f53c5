/// Figures about a store that is not in use, without changing a byte of it.
package enum StoreStatus {
    /// - Throws: `.cannotCreate` when there is no store, `.corrupt` as a start would.
    package static func read(path: String, fileSystem: any FileSystem) throws(StoreError) -> (StoreStatistics, StoreCounts) {
        let (opened, manifest, directory) = try open(path, fileSystem)
        var result = StoreStatistics()
        result.segments = manifest.segments.count
        result.segmentBytes = manifest.segments.reduce(0) { $0 + $1.bytes + $1.indexBytes + ($1.dead?.bytes ?? 0) }
        result.sealedRows = opened.tables.slots.reduce(0) { $0 + $1.info.rows }
        result.supersededRows = opened.tables.slots.reduce(0) { $0 + $1.deadRows }
        result.walFiles = manifest.logFiles.count
        for name in manifest.logFiles {
            result.walBytes += try storing { () throws(FileError) in try fileSystem.status(directory.walPath + "/" + name) }?.size ?? 0
        }
        result.bytes = result.walBytes + result.segmentBytes + (manifest.state?.bytes ?? 0)
        result.memoryGroups = opened.tables.generations.reduce(0) { $0 + $1.groups.views.count }
        result.series = opened.tables.series.count
        result.lastLSN = opened.end.map { $0.nextLSN - 1 } ?? manifest.firstLSN - 1
        result.durableLSN = max(manifest.durableLSN, opened.end?.statedDurableLSN ?? 0, opened.cleanLSN ?? 0)
        result.freeBytes = try storing { () throws(FileError) in try fileSystem.space(path).free }
        return (result, opened.counts)
    }

    /// What a store holds that is not in use, to read from; its files stay open for as long as the snapshot lives.
    ///
    /// - Throws: As `read`.
    package static func snapshot(path: String, fileSystem: any FileSystem) throws(StoreError) -> Snapshot {
        let opened = try open(path, fileSystem).opened
        return Snapshot(opened.tables, opened.others, opened.counts)
    }

    /// The state of a store that is not in use, by key, in order.
    ///
    /// - Throws: As `read`.
    package static func state(path: String, fileSystem: any FileSystem) throws(StoreError) -> [(key: String, value: [UInt8])] {
        try open(path, fileSystem).opened.state.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private static func open(
        _ path: String,
        _ fileSystem: any FileSystem
    ) throws(StoreError) -> (opened: OpenedStore, manifest: Manifest, directory: DataDirectory) {
        // What opening writes stays in memory; it writes nothing, but here that does not have to be believed.
        let directory = DataDirectory(path: path, fileSystem: OverlayFileSystem(over: fileSystem))
        guard let manifest = try directory.readManifest() else {
            throw StoreError(.cannotCreate, "\(path) is no kasparro data directory, or there is nothing in it yet")
        }
        try directory.refuseUnlistedRecords(manifest)
        return (try OpenedStore(manifest, directory: directory, options: StoreOptions(), rebuildsIndexes: false), manifest, directory)
    }
}
