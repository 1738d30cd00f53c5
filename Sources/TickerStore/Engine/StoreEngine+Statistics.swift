extension StoreEngine {
    /// How often the disk is asked for its space.
    private static let spaceCheckMilliseconds: Int64 = 1_000

    /// Closes the store for commits when the disk gets full, and opens it again. Looks at most once a second.
    func checkSpace() {
        let now = options.monotonic()
        guard now &- lastSpaceCheck >= Self.spaceCheckMilliseconds || lastSpaceCheck == .min else { return }
        lastSpaceCheck = now
        // What has become of the lock is seen soon, and not only with the next commit.
        if poisoned == nil { try? confirmLock() }
        // A disk that cannot be asked will say what is wrong with the next write.
        guard let space = try? directory.fileSystem.space(directory.path) else { return }
        freeBytes = space.free
        let floor = minimumFree(total: space.total)
        requiredFreeBytes = floor
        let wasReadOnly = readOnly != nil
        readOnly =
            space.free < floor
            ? "the disk with \(directory.path) has \(space.free) bytes free, and \(floor) must stay free; commits are taken again when there is more"
            : nil
        if let readOnly, !wasReadOnly { options.warning("the store is read-only: \(readOnly)") }
        if readOnly == nil, wasReadOnly { options.warning("the store takes commits again: \(space.free) bytes are free") }
    }

    /// Keeps things so long from now on, and looks anew at what is too old and at the disk.
    func keep(_ retention: Retention, minimumFree: Int?) {
        options.retention = retention
        options.minimumFree = minimumFree
        maintenance.idleChoice = nil
        lastSpaceCheck = .min
    }

    /// Bytes that must stay free: 64 MiB or 1 % of the disk (spec section 12).
    func minimumFree(total: Int) -> Int { options.minimumFree ?? max(64 << 20, total / 100) }

    func statistics() -> StoreStatistics {
        let logBytes = tables.generations.reduce(0) { $0 + ($1.closedLength ?? max(writer.capacity, writer.committedEnd)) }
        let segmentBytes = manifest.segments.reduce(0) { $0 + $1.bytes + $1.indexBytes + ($1.dead?.bytes ?? 0) }
        var result = StoreStatistics()
        result.segments = manifest.segments.count
        result.segmentBytes = segmentBytes
        result.sealedRows = tables.slots.reduce(0) { $0 + $1.info.rows }
        result.supersededRows = tables.slots.reduce(0) { $0 + $1.deadRows }
        result.walFiles = tables.generations.count
        result.walBytes = logBytes
        result.bytes = logBytes + segmentBytes + (manifest.state?.bytes ?? 0)
        result.memoryGroups = tables.generations.reduce(0) { $0 + $1.groups.views.count }
        result.series = tables.series.count
        result.lastLSN = writer.nextLSN - 1
        result.lastRowsLSN = lastRowsLSN
        result.durableLSN = writer.durableLSN
        result.freeBytes = freeBytes
        result.minimumFree = requiredFreeBytes
        result.maintenanceFailure = maintenance.failure
        result.jobsDone = maintenance.jobsDone
        (result.deadRowsDropped, result.deadRecordsDropped) = (maintenance.deadRowsDropped, maintenance.deadRecordsDropped)
        result.readOnly = readOnly ?? backlog
        result.poisoned = poisoned
        result.retentionTime = retentionTime()
        return result
    }
}
