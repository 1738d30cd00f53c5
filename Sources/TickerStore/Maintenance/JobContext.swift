/// What every job of the maintenance thread needs.
struct JobContext: Sendable {
    let directory: DataDirectory
    let storeID: StoreID
    /// Goes into the names of the files that are written anew with each job.
    let generation: Int
    /// The first segment id that is free.
    let firstSegment: UInt64
    /// A segment takes no more than this and the last instant's; the next one begins behind it.
    let maximumSegmentRows: Int
    let maximumGroupRows: Int
    let cancellation: MaintenanceCancellation
    /// Of the directory, where a store is open.
    var lock: DirectoryLock?

    /// Makes sure that the directory is still ours, before files get names in it that others may have in the place of it.
    func confirmLock() throws(StoreError) { try lock?.confirm() }

    /// Rows of a group: fewer where lines may be long, because the lines of a group are in memory together.
    func groupRows(_ family: Family) -> Int {
        switch family {
        case .tickers, .runs, .outliers: maximumGroupRows
        case .raw: min(maximumGroupRows, 16_384)
        case .quarantine: min(maximumGroupRows, 4_096)
        }
    }

    /// Opens new segments.
    func open(_ infos: [SegmentInfo]) throws(StoreError) -> [Segment] {
        var segments: [Segment] = []
        for info in infos {
            do {
                let segment = try Segment(info, directory: directory.path(of: info.family), storeID: storeID, fileSystem: directory.fileSystem)
                segments.append(segment)
            } catch {
                throw error.error
            }
            // Here a damaged column is a failed job; once it is listed it would be a damaged store.
            try segments[segments.count - 1].checkIndex()
        }
        return segments
    }
}
