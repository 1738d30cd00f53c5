import MarketData

extension RepairJob {
    /// Makes the manifest say which records of a segment wait. Where the list of those taken out is lost, they wait again: nothing else tells of them.
    mutating func repairRemovals(_ verdict: SegmentVerdict) throws(StoreError) {
        guard verdict.hasDoubtfulDeadRows else { return }
        if verdict.hasBadDeadRows, let dead = verdict.info.dead {
            report.lost.append(
                "segments/\(verdict.info.family.name)/\(verdict.info.dataName): which \(dead.rows) quarantined records were taken out; they wait again"
            )
        }
        var words = verdict.dead
        words += [UInt64](repeating: 0, count: (verdict.info.rows + 63) / 64 - words.count)
        try apply(KeyCensus.Result(dead: words, live: try liveRecords(of: verdict)), to: verdict, revives: false)
    }

    /// Live records by source.
    private func liveRecords(of verdict: SegmentVerdict) throws(StoreError) -> [String: Int] {
        let segment = try open(verdict.info)
        var live: [String: Int] = [:]
        for (number, entry) in segment.groups.enumerated() {
            let group = segment.makeRowGroup(number, seriesNumbers: (0..<segment.seriesCount).map(UInt32.init))
            try group.check()
            for run in 0..<group.runs {
                let source = String(decoding: segment.seriesKey(Int(group.series(ofRun: run))).source, as: UTF8.self)
                live[source, default: 0] += group.rows(ofRun: run).count { !verdict.isDead(entry.firstRow + $0) }
            }
        }
        return live.filter { $0.value > 0 }
    }
}
