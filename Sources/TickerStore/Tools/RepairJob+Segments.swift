import MarketData

extension RepairJob {
    /// Makes damaged indexes anew, writes what can be read of damaged lines into new segments, and takes missing segments off the list.
    mutating func repairSegments(_ verdicts: inout [SegmentVerdict]) throws(StoreError) {
        var kept: [SegmentVerdict] = []
        for verdict in verdicts {
            if verdict.isMissing {
                drop(verdict, "is taken off the list")
                report.lost.append("segments/\(verdict.info.family.name)/\(verdict.info.dataName): \(RowsInWords.all(of: verdict.info))")
            } else if verdict.hasBadLines {
                if let rewritten = try rewrite(verdict) { kept.append(rewritten) }
            } else {
                kept.append(verdict.hasBadIndex ? try rebuildIndex(verdict) : verdict)
            }
        }
        verdicts = kept
        manifest.segments = kept.map(\.info)
    }

    /// - Parameter saved: What takes its place; nil: nothing does.
    private mutating func drop(_ verdict: SegmentVerdict, _ what: String, saved: SegmentInfo? = nil) {
        let folder = "segments/\(verdict.info.family.name)/"
        obsolete += [folder + verdict.info.dataName, folder + verdict.info.indexName] + (verdict.info.dead.map { [folder + $0.file] } ?? [])
        report.actions.append("\(folder)\(verdict.info.dataName) \(what)")
        isChanged = true
        if verdict.info.family == .tickers { hasLostRows = true }
        loss.add(verdict.info, saved: saved)
    }

    private mutating func rebuildIndex(_ verdict: SegmentVerdict) throws(StoreError) -> SegmentVerdict {
        var verdict = verdict
        let info = verdict.info
        let name = "segments/\(info.family.name)/\(info.indexName)"
        try aside.keep(name)
        let made = try SegmentIndexRebuild.run(
            family: info.family,
            id: info.id,
            storeID: manifest.storeID,
            directory: directory.path(of: info.family),
            fileSystem: directory.fileSystem,
            expected: info
        )
        report.actions.append("\(name) is made anew from the lines")
        if made.indexBytes != info.indexBytes || made.indexCRC != info.indexCRC {
            verdict.info.indexBytes = made.indexBytes
            verdict.info.indexCRC = made.indexCRC
            isChanged = true
        }
        verdict.hasBadIndex = false
        return verdict
    }

    /// The index of a segment whose lines are damaged; nil when it cannot be used.
    private func index(of info: SegmentInfo) -> IndexFile? {
        let path = directory.path(of: info.family) + "/" + info.indexName
        guard let memory = try? directory.fileSystem.open(path, .read).map(info.indexBytes) else { return nil }
        return try? IndexFile(
            memory,
            path: path,
            family: info.family,
            segmentID: info.id,
            storeID: manifest.storeID,
            dataLength: info.bytes
        )
    }

    /// Writes what can be read into a new segment; nil when that is nothing.
    private mutating func rewrite(_ verdict: SegmentVerdict) throws(StoreError) -> SegmentVerdict? {
        let old = verdict.info
        let name = "segments/\(old.family.name)/\(old.dataName)"
        let id = manifest.nextSegment
        try announce(id, old.family)
        guard
            let made = try SegmentSalvage.rewrite(
                old,
                index: verdict.hasBadIndex ? nil : index(of: old),
                as: id,
                dead: verdict.dead,
                directory: directory,
                storeID: manifest.storeID
            )
        else {
            drop(verdict, "is taken off the list: none of its lines can be read")
            report.lost.append("\(name): \(RowsInWords.all(of: old))")
            return nil
        }
        manifest.nextSegment += 1
        drop(verdict, "is replaced by a new segment with those of its lines that can be read: \(made.info.rows) of \(old.rows)", saved: made.info)
        for finding in report.findings
        where finding.file == name && finding.severity == .damage && !finding.affected.isEmpty && finding.affected != RowsInWords.nothing(old.family)
        {
            report.lost.append("\(name), offset \(finding.offset ?? 0): \(finding.affected)")
        }
        var result = SegmentVerdict(made.info)
        result.replaces = old.id
        result.dead = made.dead
        result.hasBadDeadRows = verdict.hasBadDeadRows
        return result
    }

    private mutating func announce(_ id: UInt64, _ family: Family) throws(StoreError) {
        try announce([SegmentInfo.dataName(id), SegmentInfo.indexName(id)].map { "segments/\(family.name)/\($0)" })
    }

    // MARK: Dead rows

    /// Finds out anew which rows are dead, and makes the manifest say so.
    mutating func repairDeadRows(_ verdicts: [SegmentVerdict]) throws(StoreError) {
        let tickers = verdicts.filter { $0.info.family == .tickers }.sorted { $0.order < $1.order }
        var keys = LogKeys()
        var walk = LogWalk(directory, storeID: manifest.storeID, firstLSN: manifest.firstLSN, durableLSN: manifest.durableLSN)
        _ = try walk.run(manifest.logFiles) { batch in keys.add(batch) }
        let members = try tickers.map { (verdict) throws(StoreError) in
            KeyCensus.Member(segment: try open(verdict.info), order: verdict.order, dead: verdict.dead)
        }
        var census = KeyCensus(members, log: keys)
        let revives = hasLostRows || tickers.contains { $0.hasBadDeadRows }
        try census.run(revives: revives)
        for (verdict, result) in zip(tickers, census.results) { try apply(result, to: verdict, revives: revives) }
        for verdict in verdicts where verdict.info.family == .quarantine { try repairRemovals(verdict) }
    }

    func open(_ info: SegmentInfo) throws(StoreError) -> Segment {
        do {
            return try Segment(info, directory: directory.path(of: info.family), storeID: manifest.storeID, fileSystem: directory.fileSystem)
        } catch {
            throw error.error
        }
    }

    /// Makes the manifest say which rows are dead.
    mutating func apply(_ result: KeyCensus.Result, to verdict: SegmentVerdict, revives: Bool) throws(StoreError) {
        let place = manifest.segments.firstIndex { $0.id == verdict.info.id }!
        let count = result.dead.reduce(0) { $0 + $1.nonzeroBitCount }
        let folder = "segments/\(verdict.info.family.name)/"
        let name = folder + verdict.info.dataName
        if revives, result.revived.rows > 0, !verdict.hasBadDeadRows {
            report.lost.append("\(name): the newer versions of \(result.revived.description); the rows are there again as they were before")
        }
        if count > 0, verdict.replaces != nil {
            return try writeLiveRows(of: verdict, result, count: count)
        }
        if result.dead == padded(verdict.dead, verdict.info.rows), !verdict.hasBadDeadRows {
            guard manifest.segments[place].live != result.live else { return }
            manifest.segments[place].live = result.live
            isChanged = true
            report.actions.append("the numbers of live rows of \(name) are set right")
            return
        }
        if let old = verdict.info.dead { obsolete.append(folder + old.file) }
        manifest.segments[place].dead = try writeDeadRows(result.dead, count: count, of: verdict.info)
        manifest.segments[place].live = result.live
        isChanged = true
        let what = verdict.info.family == .quarantine ? "records taken out" : "superseded rows"
        report.actions.append("the list of \(what) of \(name) is made anew: \(count) of \(verdict.info.rows)")
    }

    private func padded(_ words: [UInt64], _ rows: Int) -> [UInt64] {
        words + [UInt64](repeating: 0, count: max(0, (rows + 63) / 64 - words.count))
    }

    private func writeDeadRows(_ words: [UInt64], count: Int, of info: SegmentInfo) throws(StoreError) -> SegmentInfo.DeadFile? {
        if count == 0 { return nil }
        let bytes = DeadRowsFile.encode(segmentID: info.id, rows: info.rows, words: words)
        let name = SegmentInfo.deadName(info.id, generation: manifest.generation + 1)
        try storing { () throws(FileError) in try directory.fileSystem.replace(name, in: directory.path(of: info.family), with: bytes) }
        return SegmentInfo.DeadFile(file: name, rows: count, bytes: bytes.count, crc: bytes.withUnsafeBytes { crc32($0) })
    }

    /// A new segment has a higher id than those whose rows replace its own, so its dead rows must go.
    private mutating func writeLiveRows(of verdict: SegmentVerdict, _ result: KeyCensus.Result, count: Int) throws(StoreError) {
        manifest.segments.removeAll { $0.id == verdict.info.id }
        if count < verdict.info.rows {
            try announce(manifest.nextSegment, verdict.info.family)
            let context = JobContext(
                directory: directory,
                storeID: manifest.storeID,
                generation: manifest.generation + 1,
                firstSegment: manifest.nextSegment,
                maximumSegmentRows: .max,
                maximumGroupRows: GroupColumns.maximumRows,
                cancellation: MaintenanceCancellation()
            )
            let input = CompactionJob.Input(segment: try open(verdict.info), info: verdict.info, dead: result.dead)
            let merged = try CompactionJob(context: context, family: verdict.info.family, inputs: [input], oldest: .min).run()
            manifest.segments += merged.added.map(\.info)
            manifest.nextSegment = merged.nextSegment
        }
        // Made by this repair; no manifest ever listed it.
        try storing { () throws(FileError) in
            for file in [verdict.info.dataName, verdict.info.indexName] {
                try directory.fileSystem.remove(directory.path(of: verdict.info.family) + "/" + file)
            }
        }
    }
}
