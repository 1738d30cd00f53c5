import MarketData
import Testing

@testable import TickerStore

/// Quarantined records come, wait, are looked at and go.
@Suite struct QuarantineTests {
    let disk = SimulatedFileSystem()

    static func record(_ number: Int, content: [UInt8]? = nil, reasons: [String] = ["ragged_row"], header: String = "") -> QuarantinedRecord {
        QuarantinedRecord(
            content: content ?? Array("bad,\(number)".utf8),
            reasons: reasons,
            place: "x.csv",
            position: number,
            digest: TestBatch.digest(number),
            header: Array(header.utf8)
        )
    }

    static func batch(
        _ numbers: [Int] = [],
        removed: [Int] = [],
        rows: [TestRow] = [],
        source: String = "csv",
        at milliseconds: Int64 = 1_700_000_000_000,
        header: String = ""
    ) -> Batch {
        var batch = Batch(rows)
        batch.origin.source = source
        batch.origin.fetchedAt = Timestamp(milliseconds: milliseconds)
        batch.quarantined = numbers.map { record($0, header: header) }
        batch.removed = removed.map(TestBatch.digest)
        return batch
    }

    @discardableResult
    func commit(_ engine: StoreEngine, _ batch: Batch) throws -> CommitCounts { try engine.commit([batch])[0].get() }

    /// The positions of the records that wait, oldest first.
    func waiting(_ engine: StoreEngine) throws -> [Int] {
        var walk = try QuarantineWalk(engine.snapshot(), QuarantineFilter())
        let found = try walk.next(atMost: 100_000).map(\.position)
        #expect(engine.snapshot().counts.quarantined == found.count, "the count is wrong")
        return found
    }

    @Test func aRecordGoesWithTheRowsThatAreMadeOfIt() throws {
        let engine = try StoreEngine(disk)
        try commit(engine, Self.batch([1, 2, 3]))
        let counts = try commit(engine, Self.batch(removed: [2], rows: [TestRow(milliseconds: 1)]))
        #expect(counts.removed == 1 && counts.inserted == 1)
        #expect(try waiting(engine) == [1, 3])
        #expect(try waiting(StoreEngine(disk.crashed(.strict, seed: 1))) == [1, 3], "the next start disagrees")
    }

    @Test func aRecordThatDoesNotWaitIsPassedOver() throws {
        let engine = try StoreEngine(disk)
        try commit(engine, Self.batch([1]))
        #expect(try commit(engine, Self.batch(removed: [7, 1, 1])).removed == 1)
        #expect(try commit(engine, Self.batch(removed: [1])).removed == 0)
        #expect(try waiting(engine).isEmpty)
    }

    @Test func aRecordThatWasTakenOutMayComeAgain() throws {
        let engine = try StoreEngine(disk)
        try commit(engine, Self.batch([1], header: "a,b"))
        try engine.sealAll()
        try commit(engine, Self.batch(removed: [1]))
        #expect(try commit(engine, Self.batch([1])).quarantined == 1)
        #expect(try commit(engine, Self.batch([1], removed: [1])).quarantined == 1, "a batch takes out first, then it adds")
        #expect(try commit(engine, Self.batch([1])).seenInQuarantine == 1)
        #expect(try waiting(engine) == [1])
        try engine.sealAll()
        #expect(try waiting(engine) == [1])
        #expect(try waiting(StoreEngine(disk.copy())) == [1], "after a restart")
        #expect(try StoreVerification.run(path: "data", fileSystem: disk, deep: true).isClean)
    }

    @Test func compactionDropsWhatWasTakenOutAndCountsIt() throws {
        let engine = try StoreEngine(disk)
        try commit(engine, Self.batch(Array(1...20)))
        try engine.sealAll()
        try commit(engine, Self.batch(removed: [1, 2, 3]))
        engine.wantCompaction()
        let job = try #require(engine.nextJob())
        // It goes out of the segment that is being written anew.
        try commit(engine, Self.batch(removed: [4]))
        let result = try job.run()
        try engine.complete { () throws(StoreError) in result }
        while try engine.runJob() {}
        #expect(engine.statistics().deadRecordsDropped == 3)
        engine.wantCompaction()
        while try engine.runJob() {}
        #expect(engine.statistics().deadRecordsDropped == 4 && engine.statistics().deadRowsDropped == 0)
        #expect(try waiting(engine) == Array(5...20))
    }

    @Test func batchesThatShareASyncSeeEachOther() throws {
        let engine = try StoreEngine(disk)
        let batches = [Self.batch([1, 2]), Self.batch([2, 3], removed: [1]), Self.batch([1], removed: [2, 3])]
        let counts = try engine.commit(batches).map { try $0.get() }
        #expect(counts.map(\.quarantined) == [2, 1, 1] && counts.map(\.seenInQuarantine) == [0, 1, 0] && counts.map(\.removed) == [0, 1, 2])
        #expect(try waiting(engine) == [1])
        #expect(try waiting(StoreEngine(disk.copy())) == [1], "replay must agree")
    }

    @Test func aFailedCommitTakesNothingOut() throws {
        let engine = try StoreEngine(disk)
        try commit(engine, Self.batch([1]))
        try engine.sealAll()
        disk.fault = .failNext("pwrite", code: FileError.noSpace)
        #expect(throws: StoreError.self) { try commit(engine, Self.batch([2], removed: [1])) }
        #expect(try waiting(engine) == [1])
        #expect(try commit(engine, Self.batch([2], removed: [1])).removed == 1, "the next try does it")
    }

    @Test func recordsTakenOutDuringASealOrAMergerStayOut() throws {
        let engine = try StoreEngine(disk)
        try commit(engine, Self.batch([1, 2, 3]))
        engine.maintenance.isSealWanted = true
        try #require(try engine.runJob(meanwhile: { try commit(engine, Self.batch([4], removed: [2])) }))
        #expect(try waiting(engine) == [1, 3, 4])
        try engine.sealAll()
        engine.wantCompaction()
        try #require(
            try engine.runJob(meanwhile: {
                try commit(engine, Self.batch(removed: [3]))
                try commit(engine, Self.batch([3]))
            })
        )
        #expect(try waiting(engine) == [1, 4, 3])
        #expect(try waiting(StoreEngine(disk.crashed(.strict, seed: 1))) == [1, 4, 3], "the next start disagrees")
    }

    @Test func mergersDropWhatWasTakenOut() throws {
        let engine = try StoreEngine(disk)
        try commit(engine, Self.batch(Array(0..<20)))
        try engine.sealAll()
        try commit(engine, Self.batch(removed: Array(0..<19)))
        try engine.sealAll()
        func info() -> SegmentInfo? { engine.others.first { $0.info.family == .quarantine }?.info }
        #expect(info()?.dead?.rows == 19 && info()?.live == ["csv": 1], "the seal wrote no list of dead lines")
        while try engine.runJob() {}
        #expect(info()?.rows == 1 && info()?.dead == nil)
        try commit(engine, Self.batch(removed: [19]))
        try engine.sealAll()
        while try engine.runJob() {}
        #expect(info() == nil, "a segment of which nothing is left stays")
        #expect(try waiting(engine).isEmpty)
        #expect(!disk.paths.contains { $0.contains("segments/quarantine/0") }, "\(disk.paths)")
    }

    @Test func expiryCountsOnlyWhatStillWaited() throws {
        var options = StoreOptions.test()
        options.retention.quarantine = 1_000
        let engine = try StoreEngine(path: "data", fileSystem: disk, options: options)
        try commit(engine, Self.batch([1, 2, 3], at: 1_699_999_998_000))
        try engine.sealAll()
        try commit(engine, Self.batch([4], removed: [2]))
        #expect(engine.snapshot().counts.quarantined == 3)
        while try engine.runJob() {}
        #expect(try waiting(engine) == [4])
    }

    @Test func aBackupKnowsWhatWasTakenOut() throws {
        let engine = try StoreEngine(disk)
        try commit(engine, Self.batch([1, 2, 3]))
        try engine.sealAll()
        try commit(engine, Self.batch(removed: [1, 2]))
        engine.maintenance.isSealForced = true
        while try engine.runJob() {}
        _ = try engine.backup(to: "copy")
        let copy = try StoreEngine(path: "copy", fileSystem: disk, options: .test())
        #expect(try waiting(copy) == [3])
    }

    @Test func theHeaderOfTheFileIsKept() throws {
        let engine = try StoreEngine(disk)
        var batch = Self.batch()
        batch.quarantined = [
            Self.record(1), Self.record(2, header: "a,\"b\""), Self.record(3, header: "a,\"b\""), Self.record(4, content: [0xFF, 0x0A]),
            QuarantinedRecord(
                content: [1],
                reasons: ["x", "y"],
                place: "p",
                position: 5,
                digest: TestBatch.digest(5),
                header: [0xFE] + Array(#","content":"#.utf8)
            ),
            Self.record(6, header: String(repeating: "h", count: QuarantinedRecord.maximumHeaderBytes + 1)),
        ]
        try commit(engine, batch)
        func check(_ engine: StoreEngine, _ what: String) throws {
            for expected in batch.quarantined {
                let found = try #require(try engine.snapshot().quarantined(id: expected.digest), "\(what)")
                #expect(found.header == expected.header && found.content == expected.content && found.reasons == expected.reasons, "\(what)")
                #expect(found.place == expected.place && found.position == expected.position && found.runID == "etl_test", "\(what)")
            }
        }
        try check(engine, "in the log")
        try check(StoreEngine(disk.copy()), "replayed")
        try engine.sealAll()
        try check(engine, "sealed")
        try disk.remove(engine.others.first { $0.info.family == .quarantine }!.segment.indexPath)
        try check(StoreEngine(disk.copy()), "with an index made anew")
        #expect(batch.quarantined[5].header.isEmpty, "a header that is too long is not kept in part")
    }

    @Test func pagesAreNewestFirstAndGoOnWhileThingsChange() throws {
        let engine = try StoreEngine(disk)
        for part in 0..<6 {
            try commit(
                engine,
                Self.batch(Array(part * 10..<part * 10 + 10), source: part == 3 ? "api" : "csv", at: 1_700_000_000_000 + Int64(part / 2))
            )
            if part % 2 == 1 { try engine.sealAll() }
        }
        var found: [Int] = []
        var position: QuarantinePosition?
        repeat {
            let page = try engine.snapshot().quarantined(source: "csv", before: position, limit: 7)
            #expect(page.records.count <= 7)
            found += page.records.map(\.position)
            position = page.next
            switch found.count {
            case 7: try commit(engine, Self.batch([100], removed: [found[6], 45], at: 1_700_000_000_009))
            case 14: try engine.sealAll()
            case 21: while try engine.runJob() {}
            default: break
            }
        } while position != nil
        #expect(Set(found).count == found.count, "a record was shown twice")
        let expected = Set(0..<60).subtracting(30..<40)
        #expect(Set(found).isSubset(of: expected) && expected.subtracting(found).isSubset(of: [45]))
    }

    @Test func manyRecordsOfOneInstantAreListedAndWalked() throws {
        let engine = try StoreEngine(path: "data", fileSystem: disk, options: .test(logFileBytes: 8 << 20))
        let count = WaitingList.chunkLength * 2 + 100
        for start in stride(from: 0, to: count, by: 1_000) { try commit(engine, Self.batch(Array(start..<min(count, start + 1_000)))) }
        try commit(engine, Self.batch(removed: [3, WaitingList.chunkLength + 3, count - 1]))
        let expected = (0..<count).filter { ![3, WaitingList.chunkLength + 3, count - 1].contains($0) }
        #expect(try waiting(engine) == expected)
        #expect(try Set(QuarantineCheck.pages(engine.snapshot(), limit: 900).map(\.position)) == Set(expected))
        try engine.sealAll()
        #expect(try waiting(engine) == expected, "sealed")
        #expect(try Set(QuarantineCheck.pages(engine.snapshot(), limit: 900).map(\.position)) == Set(expected), "sealed")
    }

    @Test func aSearchForWhatIsRareIsDoneInPieces() throws {
        let engine = try StoreEngine(path: "data", fileSystem: disk, options: .test(logFileBytes: 8 << 20))
        for start in stride(from: 0, to: 20_000, by: 5_000) { try commit(engine, Self.batch(Array(start..<start + 5_000), at: Int64(start))) }
        let first = try engine.snapshot().quarantined(reason: "nothing_has_it", limit: 5)
        #expect(first.records.isEmpty && first.next != nil, "20,000 records were looked at for one page")
        let second = try engine.snapshot().quarantined(reason: "nothing_has_it", before: first.next, limit: 5)
        #expect(second.records.isEmpty && second.next == nil)
    }

    @Test func anIDMayBeAbbreviated() throws {
        let engine = try StoreEngine(disk)
        try commit(engine, Self.batch([1, 2]))
        try engine.sealAll()
        try commit(engine, Self.batch([3]))
        let snapshot = engine.snapshot()
        for number in 1...3 {
            guard case .record(let found) = try QuarantineMatch(String(TestBatch.digest(number).hexadecimal.prefix(8).uppercased()), in: snapshot)
            else {
                Issue.record("record \(number) is not found by the beginning of its id")
                continue
            }
            #expect(found.position == number)
        }
        for (text, words) in [("", "hexadecimal"), ("xyz", "hexadecimal"), ("0123456789", "No record")] {
            #expect(try QuarantineMatch(text, in: snapshot).refusal(of: text)?.contains(words) == true, "\(text)")
        }
    }

    @Test func aBatchThatTakesOutTooManyIsRefused() throws {
        let engine = try StoreEngine(disk)
        #expect(throws: StoreError.self) { try commit(engine, Self.batch(removed: Array(0...LogFormat.maximumBatchRemovals))) }
    }

    @Test func aLostListOfWhatWasTakenOutIsRepaired() throws {
        let engine = try StoreEngine(disk)
        try commit(engine, Self.batch(Array(0..<20)))
        try engine.sealAll()
        try commit(engine, Self.batch(removed: [4]))
        try engine.sealAll()
        try engine.close()
        let name = try #require(disk.paths.first { $0.contains("segments/quarantine/") && $0.contains(".del.") })
        try disk.remove(name)
        #expect(throws: StoreError.self) { try StoreEngine(disk.copy()) }
        let verified = try StoreVerification.run(path: "data", fileSystem: disk, deep: true)
        #expect(verified.findings.contains { $0.affected.contains("1 of the segment's 20 records") }, "\(verified.findings)")
        let repaired = try StoreRepair.run(path: "data", fileSystem: disk, apply: true, holder: "test")
        #expect(repaired.lost.contains { $0.contains("they wait again") }, "\(repaired)")
        #expect(try StoreVerification.run(path: "data", fileSystem: disk, deep: true).isClean)
        #expect(try waiting(StoreEngine(disk.copy())) == Array(0..<20))
    }

    @Test func aRepairOfDamagedLinesRevivesNobody() throws {
        var options = StoreOptions.test()
        options.maximumGroupRows = 8
        let engine = try StoreEngine(path: "data", fileSystem: disk, options: options)
        for time in 0..<4 { try commit(engine, Self.batch(Array(time * 10..<time * 10 + 10), at: 1_700_000_000_000 + Int64(time))) }
        try engine.sealAll()
        try commit(engine, Self.batch(removed: [4, 38]))
        try engine.sealAll()
        let path = try #require(engine.others.first { $0.info.family == .quarantine }).segment.dataPath
        try engine.close()
        let file = try disk.open(path, .readWrite)
        try file.write(all: [0xEE, 0xEE], at: 100)
        let repaired = try StoreRepair.run(path: "data", fileSystem: disk, apply: true, holder: "test")
        #expect(repaired.applied, "\(repaired)")
        #expect(try StoreVerification.run(path: "data", fileSystem: disk, deep: true).isClean)
        let left = try waiting(StoreEngine(disk.copy()))
        #expect(!left.isEmpty && !left.contains(4) && !left.contains(38), "\(left)")
    }
}
