import MarketData
import Testing

@Suite struct CSVHeaderTests {
    static func header(_ content: String) throws -> [String] {
        try CSVHeader.read(from: CSVReader(bytes(content))).names.map { text($0) }
    }

    @Test func linesThatAreNotTheHeaderAreSkipped() throws {
        #expect(try Self.header("https://www.CryptoDataDownload.com\nunix,date,symbol\n1,2,3\n") == ["unix", "date", "symbol"])
        #expect(try Self.header("# made by x, on y\n\n#\n\"HTTP://a.b/c,d\"\ntime;price\n1;2\n") == ["time", "price"])
        #expect(try Self.header("\u{FEFF}\"timeOpen\";\" close \"\n") == ["timeOpen", "close"])
    }

    @Test func aRankColumnIsNotAComment() throws {
        #expect(try Self.header("#,Name,Price\n1,Bitcoin,5\n") == ["#", "Name", "Price"])
    }

    @Test func emptyNamesAreKeptAndFoundByNobody() throws {
        let header = try CSVHeader.read(from: CSVReader(bytes("Date,USD,JPY,,\n")))
        #expect(header.names.count == 5 && header.line == 1)
        #expect(header.index(of: bytes("JPY")) == 2)
        #expect(header.index(of: []) == nil)
        #expect(header.index(of: bytes("usd")) == nil)
        #expect(CSVHeader(names: [bytes("a")]).index(of: bytes("a")) == 0)
    }

    @Test(arguments: [
        "1381095255,122.0,122.0,0.1,1\n", "2020-01-01,a,b\n", "a,28/4/2013\n", "a,2/13/2013\n", "BTC,Bitcoin,0.5\n", "BTC,\"1,000.5\"\n",
        "BTC;1.000,5\n", "BTC,$5\n", "BTC,3.60%\n", "5,5\n",
    ])
    func dataIsNeverEatenAsAHeader(content: String) throws {
        let reader = CSVReader(bytes("# note\n" + content))
        let expected = CSVHeader.Failure.headerless(line: 2, text: bytes(String(content.dropLast())))
        #expect(throws: expected) { try CSVHeader.read(from: reader) }
    }

    @Test func namesThatLookALittleLikeNumbersAreNames() throws {
        #expect(try Self.header("24h,1M,7d,Volume 24,EUR,price_usd\n") == ["24h", "1M", "7d", "Volume 24", "EUR", "price_usd"])
    }

    @Test func oneNameTwiceIsRefusedWhereItIsNeeded() throws {
        let header = try CSVHeader.read(from: CSVReader(bytes("time,price, price,note,note\n")))
        #expect(throws: CSVHeader.Failure.duplicateName(line: 1, name: bytes("price"))) { try header.checkUnique([0, 1]) }
        try header.checkUnique([0])
    }

    @Test(arguments: [("time,price\n1,2\n", 1), ("# a\n time ,\"price\"\n", 2), ("1,2\n3,4\n", 0), ("price,time\n", 0), ("\"1,2", 0)])
    func declaredColumnsAreTheHeaderWhereTheFileSaysTheSame(content: String, line: Int) throws {
        let reader = CSVReader(bytes(content))
        let header = try CSVHeader.read(from: reader, declared: [bytes("time"), bytes("price")])
        #expect(header.line == line && header.names.count == 2, "\(content)")
        #expect(line > 0 || reader.recordStart == 0, "the first line is still to be read")
    }

    @Test func declaredColumnsOfAFileWithoutLinesAreNoHeader() {
        #expect(throws: CSVHeader.Failure.missing) { try CSVHeader.read(from: CSVReader(bytes("# a\n")), declared: [bytes("time")]) }
    }

    @Test func nothingToReadIsSaid() {
        for content in ["", "\n\n", "# only\n", "https://a.b\n"] {
            #expect(throws: CSVHeader.Failure.missing) { try Self.header(content) }
        }
        #expect(throws: CSVHeader.Failure.malformed(line: 1, text: bytes("\"a\"b,c"))) { try Self.header("\"a\"b,c\n") }
    }

    @Test func failuresSayWhatToDeclare() {
        #expect(
            CSVHeader.Failure.headerless(line: 1, text: bytes("1,2")).description
                == "line 1 is data, not a header; declare `columns` for this source. It says: 1,2"
        )
    }
}
