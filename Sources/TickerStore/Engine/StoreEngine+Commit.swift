import MarketData

extension StoreEngine {
    /// Commits batches in order, as few syncs as possible; one result a batch.
    func commit(_ batches: [Batch]) -> [Result<CommitCounts, StoreError>] {
        checkSpace()
        var results: [Result<CommitCounts, StoreError>] = []
        while results.count < batches.count {
            let batch = batches[results.count]
            do throws(StoreError) {
                if let error = refusal(of: batch) { throw error }
                try confirmLock()
                let need = Self.spaceNeeded(batch)
                // An empty file takes a batch of any size; the next one would have its very name.
                if !writer.hasRoom(for: need), !writer.isEmpty { try rotate(atLeast: need) }
                results.append(contentsOf: try commitGroup(batches[results.count...]).map { .success($0) })
            } catch {
                batch.sequence?.fail()
                results.append(.failure(error))
            }
        }
        return results
    }

    /// Why a batch is not even tried.
    private func refusal(of batch: Batch) -> StoreError? {
        if let poisoned { return StoreError(.poisoned, poisoned) }
        if let reason = readOnly ?? backlog { return StoreError(.readOnly, reason) }
        if batch.sequence?.hasFailed == true { return StoreError(.closed, "a batch before this one failed") }
        return Self.limitError(batch)
    }

    /// Commits as many batches as fit the open log file, at least the first; with an error none of them.
    private func commitGroup(_ batches: ArraySlice<Batch>) throws(StoreError) -> [CommitCounts] {
        var group = CommitGroup(isFollowed: options.committed != nil)
        let slots = others.filter { $0.info.family == .quarantine }
        var wasWritten = false
        do throws(StoreError) {
            for batch in batches {
                if !group.outcomes.isEmpty, refusal(of: batch) != nil || !writer.hasRoom(for: Self.spaceNeeded(batch)) { break }
                try group.add(batch, to: &tables, writer: &writer, slots: slots)
            }
            wasWritten = true
            try storing { () throws(FileError) in try writer.write() }
        } catch {
            // Nothing was promised: index and file go back to where they were.
            group.takeBack(from: &tables)
            tables.lines.forgetWindow()
            do throws(FileError) {
                try writer.discard(wasWritten: wasWritten)
            } catch {
                throw poison(error)
            }
            // Those before the one that cannot be encoded are not to blame.
            if !wasWritten, !group.outcomes.isEmpty { return try commitGroup(batches.prefix(group.outcomes.count)) }
            throw error
        }
        options.beforeSync?(batches.prefix(group.outcomes.count).map(\.origin))
        let began = options.synced == nil ? 0 : currentMonotonicNanoseconds()
        do throws(FileError) {
            try writer.sync()
        } catch {
            group.takeBack(from: &tables)
            throw poison(error)
        }
        options.synced?(currentMonotonicNanoseconds() - began)
        publish(group)
        return group.outcomes
    }

    /// From here on the batches are acknowledged.
    private func publish(_ group: CommitGroup) {
        if !group.rows.isEmpty {
            var rows = group.rows
            tables.publish(&rows, superseded: group.superseded)
            tables.open.rows += rows.count
        }
        for (source, rows) in group.insertedBySource { counts.add(rows: rows, source: source) }
        counts.rawRecords += group.rawRecords
        tables.open.rawRecords += group.rawRecords
        // Snapshots share the array: to append nothing would copy it.
        if !group.records.isEmpty { tables.open.records += group.records }
        for mark in group.marks { tables.open.marks.note(mark) }
        publish(group.quarantine)
        for change in group.changes { state[change.key] = change.value }
        if let lsn = group.lastRowsLSN { lastRowsLSN = lsn }
        if let rows = group.committed { committed += rows }
    }

    private func publish(_ changes: [CommitGroup.QuarantineChange]) {
        for change in changes {
            switch change {
            case .added(let entry):
                tables.open.waiting.append(entry, rank: tables.quarantineSeries.rank)
                counts.quarantined += 1
            case .removed(let id, let place):
                tables.takeOut(id, at: place, from: &others)
                tables.open.removals += 1
                counts.quarantined -= 1
            }
        }
    }

    /// An upper bound of the bytes that a batch adds to the log.
    private static func spaceNeeded(_ batch: Batch) -> Int {
        // Headers, paddings, and room for the state, which is only known later.
        var bytes = batch.byteCount + 4_096
        // Columns and raw lengths.
        bytes += batch.rows.count * 20
        for key in batch.series { bytes += key.byteCount + 3 }
        var header: [UInt8] = []
        for record in batch.quarantined {
            bytes += record.place.utf8.count + 48
            for reason in record.reasons { bytes += reason.utf8.count + 1 }
            if record.header == header { continue }
            // Another header, another log record.
            header = record.header
            bytes += header.count + 1_024
        }
        bytes += 16 * batch.removed.count
        for record in batch.records { bytes += record.line.count + record.series.byteCount + 16 }
        return bytes
    }

    private static func limitError(_ batch: Batch) -> StoreError? {
        if batch.rows.count > LogFormat.maximumBatchRows || batch.byteCount > LogFormat.maximumBatchBytes {
            return StoreError(
                .tooLarge,
                "a batch of \(batch.rows.count) rows and \(batch.byteCount) bytes; at most \(LogFormat.maximumBatchRows) and \(LogFormat.maximumBatchBytes)"
            )
        }
        if batch.removed.count > LogFormat.maximumBatchRemovals {
            return StoreError(.tooLarge, "a batch that takes out \(batch.removed.count) records; at most \(LogFormat.maximumBatchRemovals)")
        }
        if batch.series.contains(where: { max($0.symbol.count, $0.source.count, $0.sourceID.count) > Int(UInt8.max) }) {
            return StoreError(.tooLarge, "a symbol, source or source id is longer than 255 bytes")
        }
        if batch.rows.contains(where: { $0.lineLength < 2 || Int($0.lineLength) > LogFormat.maximumLine }) {
            return StoreError(.tooLarge, "a row's line is empty or longer than \(LogFormat.maximumLine) bytes")
        }
        return nil
    }
}

extension SeriesKey {
    fileprivate var byteCount: Int { symbol.count + source.count + sourceID.count }
}
