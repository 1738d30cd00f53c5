import MarketData
import TestSupport
import Testing

@testable import Ingest

/// Records out of documents, and documents that are refused.
@Suite struct FeedReaderTests {
    /// The raw records of a document.
    static func read(_ document: [UInt8], records: String? = nil, paths: [String] = [], piece: Int? = nil) throws -> [String] {
        var found: [String] = []
        let reader = FeedReader(records: try records.map { try FeedPath.records($0) }, paths: try paths.map { try FeedPath($0) }) { record in
            var raw: [UInt8] = []
            _ = record.appendRaw(to: &raw)
            found.append(String(decoding: raw, as: UTF8.self))
            return true
        }
        guard let piece else {
            try reader.read(document)
            return found
        }
        for start in stride(from: 0, to: document.count, by: piece) {
            try Array(document[start..<min(start + piece, document.count)]).withUnsafeBufferPointer {
                try reader.read($0, isLast: start + piece >= document.count)
            }
        }
        return found
    }

    static func read(_ document: String, records: String? = nil, paths: [String] = []) throws -> [String] {
        try read(Array(document.utf8), records: records, paths: paths)
    }

    /// The texts at paths, record by record.
    static func texts(_ document: String, records: String? = nil, _ paths: [String]) throws -> [[String?]] {
        let paths = try paths.map { try FeedPath($0) }
        var found: [[String?]] = []
        let reader = FeedReader(records: try records.map { try FeedPath.records($0) }, paths: paths) { record in
            found.append(paths.map { record.withText(at: $0) { String(decoding: $0.bytes, as: UTF8.self) } })
            return true
        }
        try reader.read(Array(document.utf8))
        return found
    }

    static func rss(_ items: String) -> String { #"<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>\#(items)</channel></rss>"# }

    // MARK: Where records are

    @Test func itemsOfRSSRDFAndAtomAreFoundByTheRootElement() throws {
        #expect(try Self.read(Self.rss("<item><title>A</title></item><item/>")) == [#"{"title":"A"}"#, "{}"])
        let rdf = #"<rdf:RDF xmlns:rdf="r" xmlns="s"><channel><title>C</title></channel><item rdf:about="u"><title>B</title></item></rdf:RDF>"#
        #expect(try Self.read(rdf) == [#"{"@rdf:about":"u","title":"B"}"#])
        #expect(try Self.read(#"<feed xmlns="a"><title>F</title><entry><id>1</id></entry></feed>"#) == [#"{"id":"1"}"#])
        #expect(try Self.read(#"<a:feed xmlns:a="a"><a:entry><a:id>1</a:id></a:entry></a:feed>"#) == [#"{"a:id":"1"}"#])
    }

    @Test func onlyElementsAtTheRecordsPathAreRecords() throws {
        let document = "<a><b><c>1</c><d><c>no</c></d></b><c>no</c><x><c>no</c></x><b><c>2</c></b></a>"
        #expect(try Self.read(document, records: "a/b/c") == [#"{".":"1"}"#, #"{".":"2"}"#])
        #expect(try Self.read("<rate>1.5</rate>", records: "rate") == [#"{".":"1.5"}"#])
    }

    @Test func anotherRootIsNamed() {
        #expect(throws: FeedFailure.unknownRoot("prices")) { try Self.read("<prices><p/></prices>") }
        #expect(throws: FeedFailure.unexpectedRoot("error", expected: "prices")) { try Self.read("<error><p/></error>", records: "prices/p") }
        #expect(throws: FeedFailure.pathAboveRoot("../../@x")) { try Self.read("<a><b/></a>", records: "a/b", paths: ["../../@x"]) }
    }

    // MARK: Values

    @Test func valuesAreFoundByElementAttributeAndAncestor() throws {
        let document = """
            <e:Envelope xmlns:e="x"><e:name> Bank </e:name><Cube><Cube time="2020-01-02"><Cube currency="USD" rate="1.1"><b:n xmlns:b="y">42</b:n></Cube>
            </Cube><Cube><Cube currency="JPY" rate="120"/></Cube></Cube></e:Envelope>
            """
        let found = try Self.texts(document, records: "e:Envelope/Cube/Cube/Cube", ["@currency", "@rate", "../@time", "../../../e:name", "b:n"])
        #expect(found == [["USD", "1.1", "2020-01-02", "Bank".withBlanks, "42"], ["JPY", "120", nil, "Bank".withBlanks, nil]])
    }

    @Test func ofARepeatedElementTheFirstOneCountsAndAllAreKept() throws {
        let document = Self.rss(#"<item><c d="x">1</c><c>2</c><l rel="self"/><l href="h"/><c d="y">3</c></item>"#)
        #expect(try Self.texts(document, ["c", "l@href", "c@d"]) == [["1", "h", "x"]])
        #expect(
            try Self.read(document) == [##"{"c":"1","c@d":"x","c#2":"2","l":"","l@rel":"self","l#2":"","l@href":"h","c#3":"3","c@d#2":"y"}"##]
        )
    }

    @Test func textOfAnElementIsThatOfCDATAAndMarkupInItWithoutBlanksAround() throws {
        let document = Self.rss(
            "<item><title>\n BTC <![CDATA[& <b>ETH</b>]]> at <i>42</i>&#36; </title><d><p>only</p> <p>inside</p></d></item>"
        )
        #expect(try Self.texts(document, ["title", "title/i", "d", "d/p", "x"]) == [["BTC & <b>ETH</b> at 42$", "42", "only inside", "only", nil]])
        #expect(try Self.read(document) == [##"{"title":"BTC & <b>ETH</b> at 42$","title/i":"42","d/p":"only","d/p#2":"inside"}"##])
    }

    @Test func theFiveEntitiesAndCharacterReferencesAreResolvedAndEscapedAgain() throws {
        #expect(try Self.read(Self.rss("<item><t a='&quot;'>&lt;&amp;&gt;&apos;&#x20AC;&#9;\\</t></item>")) == [##"{"t":"<&>'€\t\\","t@a":"\""}"##])
    }

    @Test func anAncestorsTextIsWhatStandsBeforeItsFirstRecord() throws {
        let document = "<a><day>Mon<r/> Tue<r/></day><day><r/><t>late</t></day><day><t>x</t><t>y</t><r/></day></a>"
        #expect(try Self.texts(document, records: "a/day/r", ["..", "../t"]) == [["Mon", nil], ["Mon", nil], ["", nil], ["xy", "x"]])
    }

    @Test func ancestorValuesThatAreMappedAreInTheRawRecord() throws {
        #expect(try Self.read(#"<a t="1"><r v="2"/></a>"#, records: "a/r", paths: ["../@t", "@v"]) == [#"{"@v":"2","../@t":"1"}"#])
    }

    // MARK: Encodings and pieces

    static let euro = "<rss><channel><item><t>\u{20AC}\u{1F600} caf\u{E9}</t></item></channel></rss>"

    @Test func aDocumentInPiecesOfAnySizeIsTheSame() throws {
        let document = Array(("\n \n<?xml version=\"1.0\"?>" + Self.euro).utf8)
        for piece in [1, 2, 3, 7, 64, 1_000] {
            #expect(try Self.read(document, piece: piece) == ["{\"t\":\"\u{20AC}\u{1F600} caf\u{E9}\"}"], "pieces of \(piece)")
        }
    }

    @Test func byteOrderMarksAndUTF16AreUnderstood() throws {
        let expected = ["{\"t\":\"\u{20AC}\u{1F600} caf\u{E9}\"}"]
        #expect(try Self.read([0xEF, 0xBB, 0xBF] + Array(Self.euro.utf8)) == expected)
        let units = Array(Self.euro.utf16)
        #expect(try Self.read([0xFF, 0xFE] + units.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }) == expected)
        #expect(try Self.read([0xFE, 0xFF] + units.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }) == expected)
    }

    @Test func declaredOneByteEncodingsAreUnderstood() throws {
        func document(_ encoding: String, _ byte: UInt8) -> [UInt8] {
            Array(#"<?xml version="1.0" encoding="\#(encoding)"?><rss><channel><item><t>"#.utf8) + [byte] + Array("</t></item></channel></rss>".utf8)
        }
        #expect(try Self.read(document("ISO-8859-1", 0xE9)) == ["{\"t\":\"\u{E9}\"}"])
        #expect(try Self.read(document("windows-1252", 0x80)) == ["{\"t\":\"\u{20AC}\"}"])
        #expect(try Self.read(document("CP1252", 0xE9)) == ["{\"t\":\"\u{E9}\"}"])
        #expect(throws: FeedFailure.unknownEncoding("KOI8-R")) { try Self.read(document("KOI8-R", 0xC1)) }
        #expect(throws: FeedFailure.self, "0x81 is nothing in windows-1252") { try Self.read(document("windows-1252", 0x81)) }
        #expect(throws: FeedFailure.self, "0xE9 alone is no UTF-8") { try Self.read(document("UTF-8", 0xE9)) }
    }

    // MARK: What is refused

    @Test(arguments: [
        #"<!DOCTYPE rss><rss/>"#,
        #"<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><rss>&b;</rss>"#,
        #"<!DOCTYPE r SYSTEM "file:///etc/passwd"><rss/>"#,
        #"<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss>&x;</rss>"#,
        #"<!DOCTYPE r [<!ENTITY % p SYSTEM "http://127.0.0.1/"> %p;]><rss/>"#,
    ])
    func aDocumentTypeIsRefused(document: String) {
        #expect(throws: FeedFailure.doctype) { try Self.read(document) }
    }

    @Test func anEntityThatNobodyDeclaredIsNotWellFormed() {
        #expect(throws: FeedFailure.malformed("undefined entity", line: 1)) { try Self.read(Self.rss("<item>&nbsp;</item>")) }
    }

    @Test(arguments: ["<rss><channel>", "<rss><channel><item><t>abc", "<rss><channel><item><t", "<rss><![CDATA[abc", "<rss", "", "  \n "])
    func whatEndsInTheMiddleIsTruncated(document: String) {
        let error = #expect(throws: FeedFailure.self) { try Self.read(document) }
        guard case .truncated = error else {
            Issue.record("\(document): \(String(describing: error))")
            return
        }
    }

    @Test func elementsMayBeSoDeepAndNoDeeper() throws {
        func nested(_ depth: Int) -> String { String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth) }
        #expect(try Self.read(nested(64), records: "a").count == 1)
        #expect(throws: FeedFailure.tooDeep(line: 1)) { try Self.read(nested(65), records: "a") }
        #expect(throws: FeedFailure.tooDeep(line: 1)) { try Self.read(String(repeating: "<a>", count: 100_000), records: "a") }
        #expect(throws: FeedFailure.tooDeep(line: 1)) { try Self.read(String(repeating: "<a>", count: 100_000), records: "a/b") }
    }

    @Test func namesMayBeSoLongAndNoLonger() throws {
        let name = String(repeating: "n", count: 1_024)
        #expect(try Self.read(Self.rss("<item><\(name)/></item>")).count == 1)
        #expect(throws: FeedFailure.nameTooLong(line: 1)) { try Self.read(Self.rss("<item><\(name)n/></item>")) }
        #expect(throws: FeedFailure.nameTooLong(line: 1)) { try Self.read(Self.rss("<item \(name)n='1'/>")) }
    }

    @Test func aHugeRecordIsKeptAsFarAsItFits() throws {
        let long = String(repeating: "x", count: 2 << 20)
        let many = String(repeating: "<a><b/></a>", count: 200_000)
        for item in ["<item><t>1</t><d>\(long)</d><e>2</e></item>", "<item><t>1</t><d e='\(long)'/></item>", "<item><t>1</t>\(many)</item>"] {
            let found = try Self.read(Self.rss(item + "<item><t>next</t></item>"))
            #expect(found.count == 2 && found[0].hasPrefix(#"{"t":"1""#) && found[0].utf8.count <= 1 << 20, "\(found.map { $0.prefix(40) })")
            #expect(found.last == #"{"t":"next"}"#)
        }
    }

    @Test func textAroundRecordsIsBounded() {
        let long = String(repeating: "x", count: 70_000)
        #expect(throws: FeedFailure.textTooLong(path: "../t")) {
            try Self.read("<a><t>\(long)</t><r/></a>", records: "a/r", paths: ["../t"])
        }
        #expect(throws: FeedFailure.textTooLong(path: "../@t")) { try Self.read("<a t='\(long)'><r/></a>", records: "a/r", paths: ["../@t"]) }
    }

    @Test func tenThousandItemsAreRead() throws {
        let found = try Self.read(Self.rss((0..<10_000).map { "<item><guid>\($0)</guid><price>\($0).5</price></item>" }.joined()))
        #expect(found.count == 10_000 && found[9_999] == #"{"guid":"9999","price":"9999.5"}"#)
    }

    @Test func damagedFeedsEndInRecordsOrAnErrorAndRawRecordsAreJSON() throws {
        var random = SplitMix64(seed: 0xFEED)
        let seeds: [[UInt8]] = [
            Array(Self.euro.utf8),
            Array(
                Self.rss(
                    #"<item><c d="x">1</c><c>\#(String(repeating: "long text ", count: 20))</c><![CDATA[<b>]]></item><item a='1'>t<!-- c --><?p q?>&amp;</item>"#
                ).utf8
            ),
            Array(#"<?xml version="1.0" encoding="windows-1252"?><a:feed xmlns:a="a"><a:entry><b>1</b></a:entry></a:feed>"#.utf8),
            [0xFF, 0xFE] + Self.euro.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] },
        ]
        let words = [
            "<", ">", "&", "]]>", "<![CDATA[", "<!DOCTYPE a [", "<item>", "</item>", "\"", "=", "&#0;", "&#x41;", "\u{0}", "<?xml ", "/", "é",
        ]
        var failed = 0
        for round in 0..<4_000 {
            var document = random.pick(seeds)
            for _ in 0...random.below(3) {
                let at = random.below(document.count)
                switch random.below(4) {
                case 0: document[at] = UInt8(random.below(256))
                case 1: document.removeSubrange(at..<min(document.count, at + 1 + random.below(20)))
                case 2: document.insert(contentsOf: random.pick(words).utf8, at: at)
                default: document.insert(contentsOf: document[at..<min(document.count, at + random.below(60))], at: random.below(document.count))
                }
                if document.isEmpty { document = [0x3C] }
            }
            do {
                let piece = random.bool() ? nil : 1 + random.below(40)
                for raw in try Self.read(document, paths: ["../title", "c@d"], piece: piece) {
                    #expect((try? JSONDocument(parsing: Array(raw.utf8)).root.kind) == .object, "round \(round): \(raw)")
                }
            } catch is FeedFailure {
                failed += 1
            }
        }
        #expect((500...3_800).contains(failed), "\(failed) of 4,000 damaged documents were refused")
    }
}

extension String {
    /// Text of ancestors is as written; the draft trims.
    fileprivate var withBlanks: String { " \(self) " }
}
