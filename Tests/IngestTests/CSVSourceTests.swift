import Glibc
import MarketData
import TestSupport
import Testing
import TickerStore

@testable import Ingest

@Suite struct CSVSourceTests {
    @Test func theSeedsFileLoadsWithNoInference() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", seedHeader + "btc,45000.50,1000000000,2024-12-15T14:30:00Z,exchange\neth,2500,,1734273000,exchange\n")
        let run = try await bench.run()
        #expect(run.status == .success && run.inserted == 2, "\(run)")
        #expect(
            try bench.lines() == [
                #"{"symbol":"BTC","name":"BTC","price_usd":45000.50,"volume_24h":1000000000,"market_cap":null,"percent_change_24h":null,"timestamp":"2024-12-15T14:30:00Z","source":"csv","source_id":"BTC"}"#,
                #"{"symbol":"ETH","name":"ETH","price_usd":2500,"volume_24h":null,"market_cap":null,"percent_change_24h":null,"timestamp":"2024-12-15T14:30:00Z","source":"csv","source_id":"ETH"}"#,
            ]
        )
        #expect(run.unmappedFields.isEmpty, "what is kept as origin is not unknown")
    }

    @Test func aSecondRunOverAnUnchangedFileDoesNotOpenIt() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", seedHeader + "BTC,1,2,2024-12-15,x\nETH,1,2,2024-12-15,x\n")
        _ = try await bench.run()
        try bench.restart()
        let second = try await bench.run()
        #expect(second.status == .success && second.inserted == 0 && second.extracted == 0 && second.skipped == 2, "\(second)")
        #expect(second.preRunCounts == RunCounts(raw: 2, normalized: 2))
        #expect(bench.runs.statistics().totalDuplicatePrevention == 2)
    }

    @Test func aTouchedFileIsKnownByItsContent() async throws {
        let bench = try Workbench()
        let text = seedHeader + "BTC,1,2,2024-12-15,x\nETH,1,2,2024-12-15,x\n"
        try bench.put("a.csv", text)
        _ = try await bench.run()
        try bench.put("a.csv", text)
        let second = try await bench.run()
        #expect(second.extracted == 0 && second.skipped == 2 && second.status == .success, "\(second)")
        try bench.restart()
        #expect(try await bench.run().skipped == 2)
        #expect(bench.store.snapshot().counts.rawRecords == 2)
    }

    @Test func aFileThatGrewIsReadOnFromItsOldEnd() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", seedHeader + "BTC,1,2,2024-12-15,x\n")
        _ = try await bench.run()
        try bench.restart()
        try bench.put("a.csv", seedHeader + "BTC,1,2,2024-12-15,x\nETH,1,2,2024-12-15,x\nbad\n")
        let second = try await bench.run()
        #expect(second.extracted == 2 && second.inserted == 1 && second.quarantined == 1 && second.skipped == 1, "\(second)")
        #expect(try await bench.run().skipped == 3)
    }

    @Test func aFileWhoseStartChangedIsReadAnew() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", seedHeader + "BTC,1,2,2024-12-15,x\n")
        _ = try await bench.run()
        try bench.put("a.csv", seedHeader + "BTC,3,2,2024-12-15,x\nETH,1,2,2024-12-15,x\n")
        let second = try await bench.run()
        #expect(second.updated == 1 && second.inserted == 1 && second.extracted == 2, "\(second)")
    }

    @Test func anOpenLastLineThatGetsLongerIsReadAgain() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", "symbol,price_usd,timestamp\nA,1,2024-12-15")
        _ = try await bench.run()
        try bench.put("a.csv", "symbol,price_usd,timestamp\nA,1,2024-12-15T10:00:00Z\n")
        #expect(try await bench.run().inserted == 1)
        #expect(try bench.lines().last?.contains("2024-12-15T10:00:00Z") == true)
    }

    @Test(arguments: [false, true]) func aFileIsReadOnFromItsCheckpoint(isCompressed: Bool) async throws {
        let bench = try Workbench()
        var text = "symbol,price_usd,timestamp\n"
        for row in 0..<3_500 { text += "C\(row % 7),\(row + 1),\(1_700_000_000 + row)\n" }
        let bytes = isCompressed ? gzip(Array(text.utf8)) : Array(text.utf8)
        let name = isCompressed ? "a.csv.gz" : "a.csv"
        try bench.put(name, bytes)
        // A disk that takes two batches and no more.
        let whole = try await bench.run()
        #expect(whole.inserted == 3_500)
        let again = try Workbench()
        try again.put(name, bytes)
        try again.adopt(bench, batches: 2, of: whole)
        let resumed = try await again.run()
        #expect(resumed.resumeFrom?.batch == 3 && resumed.resumeFrom?.runID == whole.runID && resumed.resumeFrom?.source == "csv", "\(resumed)")
        #expect(resumed.batches.map(\.number) == [3, 4] && resumed.extracted == 1_500, "\(resumed.batches)")
        #expect(try again.lines().count == 1_500, "only what the checkpoint left over")
    }

    @Test func rowsOlderThanRowsAreKeptAreCountedAndNothingElse() async throws {
        let bench = try Workbench()
        bench.environment.retainRowsMilliseconds = 30 * 86_400_000
        try bench.restart()
        try bench.put("a.csv", "symbol,price_usd,timestamp\nA,1,2025-12-31\nB,1,2025-11-01\nC,bad,2025-11-01\n")
        try bench.put("b.csv", "symbol,price_usd,timestamp\nA,1,2020-01-01\n")
        let run = try await bench.run()
        #expect(run.status == .success && run.errors.isEmpty, "\(run)")
        #expect(run.extracted == 4 && run.inserted == 1 && run.tooOld == 2 && run.quarantined == 1 && run.batches.map(\.tooOld) == [1, 1], "\(run)")
        let second = try await bench.run()
        #expect(second.status == .success && second.skipped == 4 && second.tooOld == 0, "\(second)")
    }

    @Test func badRecordsGoToQuarantineAndTheOthersLoad() async throws {
        let bench = try Workbench()
        try bench.put(
            "a.csv",
            """
            symbol,price_usd,timestamp,volume_24h
            OK1,1,2024-12-15,1
            ragged,1,2024-12-15
            NOPRICE,,2024-12-15,1
            ZERO,0,2024-12-15,1
            WORD,abc,2024-12-15,1
            NEGVOL,1,2024-12-15,-1
            NOTIME,1,,1
            ANCIENT,1,2008-12-31,1
            FUTURE,1,2099-01-01,1
            SLASHES,1,03/04/2024,1
            ,1,2024-12-15,1
            OK2,1,2024-12-15,NA

            """
        )
        let run = try await bench.run()
        #expect(run.status == .success && run.inserted == 2 && run.quarantined == 10, "\(run)")
        #expect(bench.store.snapshot().counts.quarantined == 10)
        #expect(try bench.lines().allSatisfy { $0.contains(#""symbol":"OK"#) })
        try bench.put("b.csv", "symbol,price_usd,timestamp,volume_24h\nragged,1,2024-12-15\n")
        _ = try await bench.run()
        #expect(bench.store.snapshot().counts.quarantined == 10, "a record that already waits is not stored again")
    }

    @Test func noDigitIsLost() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", "symbol,price_usd,volume_24h,timestamp\nA,0.00000812345678901234567,123456789012345678901234.5,2024-12-15\n")
        _ = try await bench.run()
        let line = try bench.lines()[0]
        #expect(line.contains(#""price_usd":0.00000812345678901234567,"#) && line.contains(#""volume_24h":123456789012345678901234.5,"#), "\(line)")
    }

    @Test func manyRowsAndManyBatchesKeepTheirOrderAndNumbers() async throws {
        let bench = try Workbench()
        var text = "symbol,price_usd,timestamp\n"
        for row in 0..<4_321 { text += "C\(row % 97),\(row + 1),\(1_700_000_000 + row)\n" }
        try bench.put("a.csv", text)
        let run = try await bench.run()
        #expect(run.batches.map(\.number) == [1, 2, 3, 4, 5] && run.batches.map(\.rows) == [1_000, 1_000, 1_000, 1_000, 321])
        #expect(try bench.lines().count == 4_321)
    }

    @Test func gzipIsKnownByItsMagicBytes() async throws {
        let bench = try Workbench()
        let text = Array("symbol,price_usd,timestamp\nA,1,2024-12-15\n".utf8)
        let more = Array("B,2,2024-12-15\n".utf8)
        try bench.put("a.csv.gz", gzip(text) + gzip(more))
        #expect(try await bench.run().inserted == 2, "two members are one file")
    }

    @Test func aCutGzipFileIsAnError() async throws {
        let bench = try Workbench()
        let text = "symbol,price_usd,timestamp\n" + (0..<500).map { "A\($0),1,2024-12-15\n" }.joined()
        try bench.put("a.csv.gz", Array(gzip(Array(text.utf8)).dropLast(12)))
        let run = try await bench.run()
        #expect(run.errors.map(\.type) == [.parse], "\(run)")
    }

    @Test func aSymbolicLinkIsRefusedByName() async throws {
        let bench = try Workbench()
        try bench.put("real.txt", "symbol,price_usd,timestamp\nA,1,2024-12-15\n")
        symlink(bench.path + "/inbox/real.txt", bench.path + "/inbox/link.csv")
        let run = try await bench.run()
        #expect(run.inserted == 0 && run.errors.count == 1 && run.errors[0].message.contains("link.csv"), "\(run.errors)")
    }

    @Test func partAndHiddenFilesAreNotSources() async throws {
        let bench = try Workbench()
        for name in [".a.csv", "a.csv.part", "a.csv.tmp", "a.txt"] { try bench.put(name, "symbol,price_usd,timestamp\nA,1,2024-12-15\n") }
        let run = try await bench.run()
        #expect(run.inserted == 0 && run.errors.isEmpty && run.status == .success)
    }

    @Test func aHeaderlessFileShowsItsFirstLineAndLosesNone() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", "1381095255,122.0,0.1\n1381179030,123.61,0.1\n")
        let run = try await bench.run()
        #expect(run.status == .failed && run.errors.count == 1, "\(run)")
        #expect(run.errors[0].type == .schema && run.errors[0].message.contains("1381095255,122.0,0.1"), "\(run.errors)")
    }

    @Test func aFileWithoutAPriceColumnWaitsInQuarantine() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", "symbol,cost,timestamp\nA,1,2024-12-15\nB,2,2024-12-15\n")
        let run = try await bench.run()
        #expect(run.status == .failed && run.quarantined == 2 && run.inserted == 0, "\(run)")
        #expect(run.errors[0].message.contains("price_usd") && run.errors[0].message.contains("cost"), "\(run.errors)")
    }

    @Test func aLastLineWithoutAnEndIsTakenWhenTheFileStandsStill() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", "symbol,price_usd,timestamp\nA,1,2024-12-15\nB,2,2024-12-15")
        let run = try await bench.run()
        #expect(run.inserted == 2 && run.errors.isEmpty, "\(run)")
    }

    @Test func aFileThatHasCoinsTwiceIsNotTakenForTwoFiles() async throws {
        let bench = try Workbench()
        let rows = (10..<20).map { "A,1,2024-12-\($0)\n" }.joined()
        try bench.put("dup.csv", "symbol,price_usd,timestamp\n" + rows + rows.replacing(",1,", with: ",2,"))
        let run = try await bench.run()
        #expect(run.inserted == 10 && run.updated == 10, "\(run)")
        #expect(run.errors.map { $0.message.contains("more than once") } == [true], "\(run.errors)")
        try bench.put("other.csv", "symbol,price_usd,timestamp\n" + rows.replacing(",1,", with: ",3,"))
        let other = try await bench.run()
        #expect(other.updated == 10 && other.errors.map { $0.message.contains("two files") } == [true], "\(other.errors)")
    }

    @Test func aSourceThatEndsForItsBadRecordsBeginsBeforeThem() async throws {
        let bench = try Workbench()
        bench.environment.maximumBadRecords = 2_000
        try bench.restart()
        let good = (10..<20).map { "G\($0),1,2024-12-\($0)\n" }
        let bad = (0..<2_300).map { "B,-\($0),2024-12-15\n" }
        try bench.put("a.csv", "symbol,price_usd,timestamp\nX,,\nA,1,2024-12-15\n")
        try bench.put("b.csv", "symbol,price_usd,timestamp\n" + good[0] + bad.joined() + good[1...].joined())
        let first = try await bench.run()
        #expect(first.status != .success && first.inserted == 2 && first.quarantined == 2_000, "\(first.quarantined)")
        try bench.restart()
        let second = try await bench.run()
        #expect(second.status != .success && second.inserted == 0, "the bad records were passed over: \(second.inserted)")
        #expect(second.errors.contains { $0.message.contains("too_many_bad_records") }, "\(second.errors)")
        try bench.put("b.csv", "symbol,price_usd,timestamp\n" + good.joined())
        let mended = try await bench.run()
        #expect(mended.status == .success && mended.inserted == 9, "\(mended)")
    }

    @Test(arguments: ["2024-02-01", "2024-02-01 10:30"]) func aTimeThatIsCutIsNoOtherTime(cut: String) async throws {
        let bench = try Workbench()
        let header = "symbol,price_usd,timestamp\n"
        try bench.put("a.csv", header + "A,1,2024-01-31 09:15:00\nA,2,\(cut)")
        let first = try await bench.run()
        #expect(first.inserted == 1 && first.errors.contains { $0.message.contains("incomplete_last_line") }, "\(first)")
        bench.clock.advance(3_600_000)
        try bench.restart()
        #expect(try await bench.run().inserted == 0, "a file that stands still makes it no whole time")
        try bench.put("a.csv", header + "A,1,2024-01-31 09:15:00\nA,2,2024-02-01 10:30:45\n")
        #expect(try await bench.run().inserted == 1)
        #expect(try bench.lines().count == 2)
    }

    @Test(arguments: [
        ("A,1,2024-12-15T14:30:00.123Z\nA,2,2024-12-15T14:32:00Z", false), ("A,1,2024-12-13\nA,2,2024-12-15", false),
        ("A,1,2024-12-15 14:30:00\nA,2,2024-12-16", true),
    ])
    func aTimeThatCannotBeCutIsTaken(rows: String, isCompressed: Bool) async throws {
        let bench = try Workbench()
        let text = "symbol,price_usd,timestamp\n" + rows
        try bench.put(isCompressed ? "a.csv.gz" : "a.csv", isCompressed ? gzip(Array(text.utf8)) : Array(text.utf8))
        let run = try await bench.run()
        #expect(run.inserted == 2 && run.status == .success, "\(run.errors)")
    }

    @Test func aLoneDateWithoutALineEndIsTakenByTheSecondRun() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", "symbol,price_usd,timestamp\nA,2,2024-02-01")
        let now = timeval(tv_sec: Int(bench.clock.wall / 1_000), tv_usec: 0)
        #expect(utimes(bench.path + "/inbox/a.csv", [now, now]) == 0)
        #expect(try await bench.run().inserted == 0)
        bench.clock.advance(61_000)
        #expect(try await bench.run().inserted == 1)
    }

    @Test func aHalfWrittenLastLineWaitsForTheNextRun() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", "symbol,price_usd,timestamp\nA,1,2024-12-15\nB,2,20")
        let first = try await bench.run()
        #expect(first.inserted == 1 && first.quarantined == 0, "\(first)")
        #expect(first.errors.contains { $0.message.contains("incomplete_last_line") }, "\(first.errors)")
        try bench.put("a.csv", "symbol,price_usd,timestamp\nA,1,2024-12-15\nB,2,2024-12-15\n")
        #expect(try await bench.run().inserted == 1)
    }

    @Test(arguments: ["B,0,2024-12-15", "B,2", "B,\"2,2024-12-15"])
    func aLastLineThatStaysBadGoesToQuarantineTheSecondTime(line: String) async throws {
        let bench = try Workbench()
        try bench.put("a.csv", "symbol,price_usd,timestamp\nA,1,2024-12-15\n" + line)
        let now = timeval(tv_sec: Int(bench.clock.wall / 1_000), tv_usec: 0)
        #expect(utimes(bench.path + "/inbox/a.csv", [now, now]) == 0)
        for _ in 0..<2 {
            let early = try await bench.run()
            #expect(early.quarantined == 0, "the file changed less than a minute ago: \(early)")
        }
        bench.clock.advance(61_000)
        let second = try await bench.run()
        #expect(second.quarantined == 1 && second.inserted == 0, "\(second)")
        let third = try await bench.run()
        #expect(third.quarantined == 0 && third.skipped == 2 && third.errors.isEmpty, "\(third)")
    }

    @Test func anOpenQuoteAtTheEndOfManyBatchesWaitsToo() async throws {
        let bench = try Workbench()
        let rows = (0..<2_500).map { "C\($0),1,2024-12-15\n" }.joined()
        try bench.put("a.csv", "symbol,price_usd,timestamp\n" + rows + "B,\"2")
        let first = try await bench.run()
        #expect(first.inserted == 2_500 && first.quarantined == 0, "a line that is still being written is no bad record: \(first.quarantined)")
        try bench.put("a.csv", "symbol,price_usd,timestamp\n" + rows + "B,\"2\",2024-12-15\n")
        #expect(try await bench.run().inserted == 1)
    }

    @Test func otherCurrenciesAndPercentAreNeverDollars() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", "symbol,price_usd,volume_24h,timestamp\nA,€5,1,2024-12-15\nB,5%,1,2024-12-15\nC,5,₿1,2024-12-15\nD,$5,1K,2024-12-15\n")
        let run = try await bench.run()
        #expect(run.inserted == 1 && run.quarantined == 3, "\(run)")
        #expect(try bench.lines()[0].contains(#""symbol":"D","name":"D","price_usd":5,"volume_24h":1000,"#))
    }

    @Test func zerosBehindAGzipFileAreNotAMember() async throws {
        let bench = try Workbench()
        try bench.put("a.csv.gz", gzip(Array("symbol,price_usd,timestamp\nA,1,2024-12-15\n".utf8)) + [UInt8](repeating: 0, count: 1_000))
        let run = try await bench.run()
        #expect(run.inserted == 1 && run.status == .success, "\(run)")
    }

    @Test(arguments: ["symbol,price_usd,timestamp", "symbol,pri"]) func aHeaderWithoutALineEndIsWaitedForAndNamed(text: String) async throws {
        let bench = try Workbench()
        try bench.put("a.csv", text)
        let run = try await bench.run()
        #expect(run.status == .success && run.errors.count == 1 && run.errors[0].message.contains("incomplete_last_line"), "\(run.errors)")
        try bench.put("a.csv", "symbol,price_usd,timestamp\nA,1,2024-12-15\n")
        #expect(try await bench.run().inserted == 1)
    }

    @Test(arguments: ["", "\n\n", "# only a comment\n", "symbol,price_usd,timestamp\n"])
    func aFileWithoutRecordsIsNothingToDo(text: String) async throws {
        let bench = try Workbench()
        try bench.put("a.csv", text)
        let run = try await bench.run()
        #expect(run.status == .success && run.errors.isEmpty && run.extracted == 0, "\(run)")
        try bench.put("a.csv", (text.hasPrefix("symbol") ? "" : text) + "symbol,price_usd,timestamp\nA,1,2024-12-15\n")
        let second = try await bench.run()
        #expect(second.inserted == 1 && second.quarantined == 0 && second.errors.isEmpty, "what came later is read from the header on: \(second)")
    }

    @Test func binaryRubbishStopsNothing() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) })
        try bench.put("b.csv", "symbol,price_usd,timestamp\nA,1,2024-12-15\n")
        let run = try await bench.run()
        #expect(run.inserted == 1, "\(run)")
    }

    @Test func anInboxThatIsGoneIsAFailureAndBackAfterARestart() async throws {
        let bench = try Workbench()
        rmdir(bench.path + "/inbox")
        let run = try await bench.run()
        #expect(run.status == .failed && run.errors.count == 1, "\(run)")
        try bench.restart()
        #expect(try await bench.run().status == .success)
    }

    @Test func theSameInboxGivesTheSameStatusAgain() async throws {
        let bench = try Workbench()
        try bench.put("a.csv", "symbol,price_usd,timestamp\nA,1,2024-12-15\n")
        try bench.put("b.csv", "1381095255,122.0,0.1\n")
        try bench.put("c.csv", "symbol,price_usd,timestamp\nA,bad,2024-12-15\n")
        for pass in 1...3 {
            let run = try await bench.run()
            #expect(run.status == .partialSuccess && run.errors.count == 2, "pass \(pass): \(run)")
        }
    }

    @Test func aFileThatIsGoneIsForgottenAMonthAfterItsLastChange() async throws {
        let bench = try Workbench()
        for name in ["gone.csv", "kept.csv"] { try bench.put(name, "symbol,price_usd,timestamp\n\(name),1,2024-12-15\n") }
        _ = try await bench.run()
        try PosixFileSystem().remove(bench.path + "/inbox/gone.csv")
        for (days, names) in [(29, ["gone.csv", "kept.csv"]), (31, ["kept.csv"])] {
            bench.clock.advance(currentMilliseconds() + Int64(days) * 86_400_000 - bench.clock.wall)
            _ = try await bench.run()
            try bench.restart()
            let known = bench.store.openingState.map(\.key).filter { $0.hasPrefix("source-file/") }
            #expect(known == names.map { "source-file/csv/inbox/\($0)" }, "after \(days) days")
        }
        #expect(try await bench.run().remembered == 1)
    }
}
