import MarketData
import Testing

@Suite struct CSVResyncTests {
    /// Reads everything, stepping over bad records by the line.
    static func readAll(_ reader: CSVReader) throws -> (good: [[String]], bad: [ReadRecord], failures: [CSVReader.Failure]) {
        var result: (good: [[String]], bad: [ReadRecord], failures: [CSVReader.Failure]) = ([], [], [])
        while true {
            do {
                guard try reader.next() else { return result }
                result.good.append(reader.record.fields)
            } catch let failure as CSVReader.Failure {
                result.failures.append(failure)
                try reader.skipToNextLine()
                result.bad.append(reader.record)
            }
        }
    }

    @Test func aQuoteThatIsNeverClosedCostsOneLine() throws {
        let content = bytes("a,b\n1,\"oops\n3,4\n5,6\n")
        for piece in [1, 2, 5, 1_000] {
            let result = try Self.readAll(CSVReader(content, separator: ",", piece: piece))
            #expect(result.good == [["a", "b"], ["3", "4"], ["5", "6"]])
            #expect(result.failures == [.unterminatedQuote(line: 2, offset: 4)])
            #expect(result.bad.map(\.raw) == ["1,\"oops"])
            #expect(result.bad.map(\.line) == [2])
            #expect(result.bad.first?.malformed == true && result.bad.first?.fields == [])
        }
    }

    @Test func aStrayQuoteInALargeFileIsBounded() throws {
        let rows = (0..<20_000).map { "\($0),value" }
        let content = bytes((["id,v"] + rows[..<100] + ["x,\"stray"] + rows[100...]).joined(separator: "\n") + "\n")
        let result = try Self.readAll(CSVReader(content, separator: ",", limit: 4_096))
        #expect(result.good.count == 20_001)
        #expect(result.good.last == ["19999", "value"])
        #expect(result.failures == [.recordTooLong(line: 102, offset: 895, limit: 4_096)])
    }

    @Test func aLineLongerThanTheLimitIsPassedOverInConstantMemory() throws {
        let huge = String(repeating: "x", count: 700_000)
        for (piece, end) in [(100_000, "\n"), (4_097, "\r\n"), (1_000, "\r")] {
            let content = bytes("a,b\(end)1,\(huge)\(end)3,4\(end)")
            let result = try Self.readAll(CSVReader(content, separator: ",", limit: 1_000, piece: piece))
            #expect(result.good == [["a", "b"], ["3", "4"]])
            #expect(result.failures.count == 1)
            #expect(result.bad.first?.raw == "1," + huge.prefix(998))
            #expect(result.bad.first?.end == content.count - 3 - end.utf8.count)
            #expect(result.bad.first?.terminated == true)
        }
    }

    @Test func theLimitIsTheSameForEveryPieceSize() throws {
        for end in ["\n", "\r\n", ""] {
            for length in 9...12 {
                let content = bytes(String(repeating: "x", count: length) + end)
                for piece in [1, 3, 100] {
                    let result = try Self.readAll(CSVReader(content, separator: ",", limit: 10, piece: piece))
                    #expect(result.good.count == (length <= 10 ? 1 : 0), "\(length) bytes, pieces of \(piece)")
                    #expect(result.failures.count == (length <= 10 ? 0 : 1))
                }
            }
        }
    }

    @Test func theSamePlaceFailsAgainUntilItIsSkipped() throws {
        let reader = CSVReader(bytes("\"a\nb\n"), separator: ",")
        for _ in 0..<3 {
            #expect(throws: CSVReader.Failure.unterminatedQuote(line: 1, offset: 0)) { try reader.next() }
        }
        #expect(try reader.skipToNextLine())
        #expect(try reader.next())
        #expect(reader.line == 2 && reader.record.fields == ["b"])
    }

    @Test func skippingAtTheEndSaysSo() throws {
        let reader = CSVReader(bytes("a\nb"), separator: ",")
        #expect(try reader.next())
        #expect(try reader.skipToNextLine())
        #expect(reader.record.raw == "b" && !reader.terminated)
        #expect(try !reader.skipToNextLine())
        #expect(try !reader.next())
    }

    @Test func failuresSayWhereAndWhatToLookFor() {
        #expect(
            CSVReader.Failure.recordTooLong(line: 3, offset: 40, limit: 10).description
                == "line 3 (byte 40): the record has more than 10 bytes; look for a quote that is never closed"
        )
    }
}
