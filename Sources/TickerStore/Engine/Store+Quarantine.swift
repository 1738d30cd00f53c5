import MarketData

extension Store {
    /// Takes quarantined records out. Blocks.
    ///
    /// - Parameter ids: Those that do not wait are passed over.
    /// - Returns: how many waited.
    package func removeQuarantined(_ ids: [RecordDigest]) throws(StoreError) -> Int {
        var removed = 0
        var rest = ids[...]
        while !rest.isEmpty {
            var batch = Batch(origin: BatchOrigin(runID: "", number: 0, source: "", fetchedAt: Timestamp(milliseconds: 0)))
            batch.removed = Array(rest.prefix(LogFormat.maximumBatchRemovals))
            removed += try commit(batch).removed
            rest = rest.dropFirst(batch.removed.count)
        }
        return removed
    }

    /// Takes out all quarantined records that wait now and that a filter means, batch by batch. Blocks, with many for long.
    ///
    /// - Returns: how many there were. After an error some of them may be gone.
    package func purgeQuarantined(_ filter: QuarantineFilter) throws(StoreError) -> Int {
        var walk = try QuarantineWalk(snapshot(), filter)
        var removed = 0
        while true {
            let ids = try walk.nextIDs(atMost: LogFormat.maximumBatchRemovals)
            if ids.isEmpty { return removed }
            removed += try removeQuarantined(ids)
        }
    }

    /// How many quarantined records a filter means now. Blocks.
    package func countQuarantined(_ filter: QuarantineFilter) throws(StoreError) -> Int {
        var walk = try QuarantineWalk(snapshot(), filter)
        return try walk.count()
    }
}
