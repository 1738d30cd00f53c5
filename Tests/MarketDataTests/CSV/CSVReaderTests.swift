import MarketData
import Testing

@Suite struct CSVReaderTests {
    @Test(arguments: ["\n", "\r\n", "\r"])
    func everyLineEndEndsARecord(end: String) throws {
        let content = ["a,b", "1,2", "3,4"].joined(separator: end)
        #expect(try fields(content) == [["a", "b"], ["1", "2"], ["3", "4"]])
        #expect(try fields(content + end) == [["a", "b"], ["1", "2"], ["3", "4"]])
        #expect(try fields(end + end + content + end + end) == [["a", "b"], ["1", "2"], ["3", "4"]], "empty lines are skipped")
    }

    @Test(arguments: [",", ";", "\t", "|"] as [Character])
    func everySeparatorIsSniffed(separator: Character) throws {
        let rows = [["time", "price, USD; net", "a|b\tc"], ["2020-01-01", "1,5", "x"], ["2020-01-02", "2,5", "y"]]
        let content = rows.map { $0.map { "\"\($0)\"" }.joined(separator: String(separator)) }.joined(separator: "\n")
        let reader = CSVReader(bytes(content))
        #expect(try reader.all().map(\.fields) == rows)
        #expect(reader.separator == separator.asciiValue)
    }

    @Test func sniffingPrefersWhatAllLinesShare() throws {
        #expect(try fields("1;2,5\n2;3\n", nil) == [["1", "2,5"], ["2", "3"]])
        #expect(try fields("https://x.example/a,b,c\n# d,e,f,g\na;b\n1;2\n", nil).last == ["1", "2"])
        #expect(try fields("one\ntwo\n", nil) == [["one"], ["two"]])
        #expect(try fields("a;b", nil) == [["a", "b"]])
    }

    @Test func quotesHoldSeparatorsLineEndsAndDoubledQuotes() throws {
        #expect(try fields("\"a,b\",\"c\nd\",\"e\"\"f\",\"\",\"\"\"\"\n") == [["a,b", "c\nd", "e\"f", "", "\""]])
        #expect(try fields("\"a\"\r\n\"b\"") == [["a"], ["b"]])
        #expect(try fields("\"\"\n\"\"") == [[""], [""]], "an empty quoted field is not an empty line")
        #expect(try fields("a\"b,\"c\"") == [["a\"b", "c"]], "a quote inside an unquoted field is data")
    }

    @Test func emptyFieldsAreKept() throws {
        #expect(try fields(",\n,,\na,\n,a") == [["", ""], ["", "", ""], ["a", ""], ["", "a"]])
        #expect(try fields("").isEmpty)
        #expect(try fields("\n\r\n\r").isEmpty)
        #expect(try fields(" ") == [[" "]])
    }

    @Test func aByteOrderMarkIsSkippedOnlyAtTheStart() throws {
        let records = try CSVReader(bytes("\u{FEFF}a,b\n\u{FEFF}c,d\n"), separator: ",").all()
        #expect(records.map(\.fields) == [["a", "b"], ["\u{FEFF}c", "d"]])
        #expect(records[0].start == 3 && records[0].end == 7)
    }

    @Test func nulBytesAreData() throws {
        #expect(try fields("a\u{0},b\n") == [["a\u{0}", "b"]])
    }

    @Test func recordsKnowTheirPlace() throws {
        let content = "h,i\r\n\n\"a\nb\r\nc\rd\",1\rx,y\nlast,z"
        let records = try CSVReader(bytes(content), separator: ",").all()
        #expect(records.map(\.line) == [1, 3, 7, 8])
        #expect(records.map(\.raw) == ["h,i", "\"a\nb\r\nc\rd\",1", "x,y", "last,z"])
        #expect(records.map(\.terminated) == [true, true, true, false])
        for record in records {
            #expect(text(bytes(content)[record.start..<record.end]).hasPrefix(record.raw))
        }
        #expect(records.last?.end == content.utf8.count)
    }

    @Test func theEndStandsBehindTheLastByte() throws {
        let reader = CSVReader(bytes("a\n\n"), separator: ",")
        #expect(try reader.next())
        #expect(try !reader.next())
        #expect(reader.recordStart == 3 && reader.recordEnd == 3 && reader.line == 3)
        #expect(try !reader.next(), "and stays there")
    }

    @Test func textBehindAClosingQuoteMarksOneRecord() throws {
        let records = try CSVReader(bytes("\"a\"b,c\n\"d\" ,e\nf,g\n"), separator: ",").all()
        #expect(records.map(\.malformed) == [true, true, false])
        #expect(records.map(\.fields) == [["\"a\"b", "c"], ["\"d\" ", "e"], ["f", "g"]])
    }

    @Test(arguments: Array(1...17))
    func theSizeOfThePiecesMakesNoDifference(piece: Int) throws {
        let content =
            "\u{FEFF}time,name,\"price \"\"usd\"\"\"\r\n2020-01-01,\"Wrapped, coin\",1.5\r\n\r\n\n"
            + "\"two\nlines\r\nthree\r\",é🚀,\rx,\"y\"z,\n,,\n\"\",'',\"\"\"\"\nlast,\"q\""
        let whole = try CSVReader(bytes(content)).all()
        #expect(whole.count == 7)
        #expect(try CSVReader(bytes(content), piece: piece).all() == whole)
        // Resuming behind any record gives the rest.
        for (index, record) in whole.enumerated() {
            var place = record.end
            let rest = CSVReader(separator: UInt8(ascii: ","), startOffset: place, startLine: 100) { buffer in
                let count = min(buffer.count, piece, content.utf8.count - place)
                buffer.copyBytes(from: bytes(content)[place..<place + count])
                place += count
                return count
            }
            #expect(try rest.all().map(\.start) == whole[(index + 1)...].map(\.start))
        }
    }

    @Test func errorsOfTheSourceComeThroughAndReadingGoesOn() throws {
        struct Broken: Error {}
        let pieces: [Result<[UInt8], Broken>] = [
            .failure(Broken()), .success(bytes("a,b\nc,")), .failure(Broken()), .success(bytes("d\n")), .success([]),
        ]
        var turn = 0
        let reader = CSVReader(separator: UInt8(ascii: ",")) { buffer in
            turn += 1
            let piece = try pieces[turn - 1].get()
            buffer.copyBytes(from: piece)
            return piece.count
        }
        #expect(throws: Broken.self) { try reader.next() }
        #expect(try reader.next())
        #expect(throws: Broken.self) { try reader.next() }
        #expect(try reader.next())
        #expect(reader.record.fields == ["c", "d"])
        #expect(try !reader.next())
    }

    @Test func aFieldMayBeUsedWhileAnotherIs() throws {
        let reader = CSVReader(bytes("\"a\"\"\",\"b\"\"\"\n"), separator: ",")
        #expect(try reader.next())
        let joined = reader.withField(0) { first in reader.withField(1) { second in copy(first) + copy(second) } }
        #expect(joined == "a\"b\"")
    }

    @Test func objectOfARecordHasItsTextsWhateverIsInThem() throws {
        let content = "a,b,c\n\"q\",2,\n\"say \"\"x\"\"\",\"l\ng\",back\\slash\nä,\u{1},\t\n"
        let reader = CSVReader(bytes(content), separator: ",")
        var members = CSVMembers()
        for (name, column) in [("first", 0), ("\"last\"", 2), ("again", 0)] { members.append(Array(name.utf8), column: column) }
        var objects: [String] = []
        while try reader.next() {
            var object: [UInt8] = []
            reader.appendObject(members, to: &object)
            objects.append(String(decoding: object, as: UTF8.self))
        }
        #expect(
            objects == [
                #"{"first":"a","\"last\"":"c","again":"a"}"#, #"{"first":"q","\"last\"":"","again":"q"}"#,
                #"{"first":"say \"x\"","\"last\"":"back\\slash","again":"say \"x\""}"#, #"{"first":"ä","\"last\"":"\t","again":"ä"}"#,
            ]
        )
    }

    @Test func severalFieldsComeInTheOrderAskedFor() throws {
        let reader = CSVReader(bytes("a,\"b\"\"\",c\nd,e,f\n"), separator: ",", piece: 3)
        var seen: [String] = []
        while try reader.next() { reader.withFields([2, 1, 1]) { place, text in seen.append("\(place)\(copy(text))") } }
        #expect(seen == ["0c", "1b\"", "2b\"", "0f", "1e", "2e"])
    }
}
