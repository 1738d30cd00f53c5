import MarketData
import Testing
import Transfer

@testable import Ingest

/// From page to page, without a network.
@Suite struct PageWalkTests {
    private static func source(_ pagination: Pagination, pages: Int = 10, limit: Int? = nil) -> HTTPSource {
        HTTPSource(
            upstream: Upstream(url: "https://api.example.test/v1/coins?a=1", userAgent: "test"),
            pagination: pagination,
            maximumPages: pages,
            pageLimit: limit,
            fields: [:]
        )
    }

    private static func facts(_ records: Int, _ digest: String, pointed: String? = nil, links: [String] = []) -> PageFacts {
        PageFacts(
            records: records,
            pointed: pointed.map { .text($0) } ?? .nothing,
            links: links,
            firstURL: "https://api.example.test/v1/coins?a=1",
            answeredURL: "https://api.example.test/v1/coins?a=1",
            digest: digest
        )
    }

    /// Takes an answer; nil: it came before.
    private static func take(_ walk: inout PageWalk, _ facts: PageFacts) -> PageWalk.Step? { walk.accept(facts) ? walk.next(after: facts) : nil }

    /// Takes one answer of a new walk.
    private static func step(_ pagination: Pagination, pointed: String? = nil, links: [String] = []) -> PageWalk.Step? {
        var walk = PageWalk(source(pagination))
        return take(&walk, facts(3, "a", pointed: pointed, links: links))
    }

    private static func isFailure(_ step: PageWalk.Step?) -> Bool { if case .failure = step { true } else { false } }

    @Test func pagesAreCountedUntilTheMostThatMayBe() {
        var walk = PageWalk(Self.source(.page(first: 1), pages: 3))
        #expect(walk.start == .page(1))
        let steps = ["a", "b", "c"].map { Self.take(&walk, Self.facts(250, $0)) }
        #expect(steps == [.next(.page(2)), .next(.page(3)), .end])
    }

    @Test func moreThanTheDefaultIsAnErrorAndTheNumberThatWasAskedForIsNone() {
        var source = Self.source(.page(first: 1), pages: 1)
        source.isPageLimitDeclared = false
        var walk = PageWalk(source)
        #expect(Self.isFailure(Self.take(&walk, Self.facts(250, "a"))), "pages are left out without a word")
    }

    @Test func aServerThatCapsThePageIsAskedForTheRest() {
        var walk = PageWalk(Self.source(.offset, limit: 500))
        let steps = [(250, "a"), (250, "b"), (100, "c")].map { Self.take(&walk, Self.facts($0.0, $0.1)) }
        #expect(steps == [.next(.offset(250)), .next(.offset(500)), .end])
    }

    @Test func anEmptyPageThatNamesTheNextOneIsNoEnd() {
        var walk = PageWalk(Self.source(.cursor(pointer: "/next")))
        let steps = [(2, "a", "x"), (0, "b", "y"), (2, "c", nil)].map { Self.take(&walk, Self.facts($0.0, $0.1, pointed: $0.2)) }
        #expect(steps == [.next(.cursor("x")), .next(.cursor("y")), .end])
    }

    @Test func aCursorOfSixteenMegabytesIsNone() throws {
        var source = Self.source(.cursor(pointer: "/next"))
        source.records = "/data"
        let body = #"{"data":[{}],"next":""# + String(repeating: "x", count: 16 << 20) + "\"}"
        let page = HTTPPage(place: "here", body: Array(body.utf8), fetchedAt: .earliest)
        #expect(try PageReader(source: source).read(page, contentType: nil).pointed == .unreadable)
    }

    @Test func aWalkThatGoesOnCountsThePagesBefore() {
        let checkpoint = PageCheckpoint(runID: "r", definition: "d", time: 1, start: .page(3), pagesDone: 2, since: "", digest: "b")
        var walk = PageWalk(Self.source(.page(first: 1), pages: 3), after: checkpoint)
        #expect(walk.start == .page(3))
        let steps = ["b", "c"].map { Self.take(&walk, Self.facts(250, $0)) }
        #expect(steps == [nil, .end], "the page before came again, then the last one")
    }

    @Test(arguments: [PageStart.first, .page(3), .offset(500), .cursor("a/b \"c\""), .url("https://x.test/?cursor=%20")])
    func aCheckpointSaysWhereToGoOn(start: PageStart) {
        let checkpoint = PageCheckpoint(
            runID: "etl",
            definition: "d",
            time: 7,
            start: start,
            pagesDone: 2,
            since: "2024-01-01T00:00:00Z",
            digest: "0a"
        )
        #expect(PageCheckpoint(decoding: checkpoint.encoded()) == checkpoint)
        #expect(checkpoint.isValid(after: "etl", definition: "d", at: 7 + 899_999) && !checkpoint.isValid(after: "etl", definition: "d", at: 900_007))
        #expect(!checkpoint.isValid(after: "other", definition: "d", at: 8) && !checkpoint.isValid(after: "etl", definition: "e", at: 8))
        #expect(!checkpoint.isValid(after: "etl", definition: "d", at: 6), "it is from the future")
    }

    @Test func offsetsGrowByWhatCame() {
        var walk = PageWalk(Self.source(.offset, limit: 100))
        #expect(walk.start == .offset(0))
        let steps = [(100, "a"), (40, "b")].map { Self.take(&walk, Self.facts($0, $1)) }
        #expect(steps == [.next(.offset(100)), .end], "fewer than asked for is the last page")
        var unlimited = PageWalk(Self.source(.offset))
        let others = [(7, "a"), (0, "b")].map { Self.take(&unlimited, Self.facts($0, $1)) }
        #expect(others == [.next(.offset(7)), .end])
    }

    @Test func aCursorThatComesAgainEndsTheWalk() {
        var walk = PageWalk(Self.source(.cursor(pointer: "/next")))
        let steps = ["a", "b"].map { Self.take(&walk, Self.facts(2, $0, pointed: "x")) }
        #expect(steps[0] == .next(.cursor("x")) && Self.isFailure(steps[1]), "\(steps)")
        #expect(Self.step(.cursor(pointer: "/next")) == .end)
    }

    @Test func aPlaceThatCannotBeReadIsNoEnd() {
        for pagination in [Pagination.cursor(pointer: "/n"), .nextURL(pointer: "/n")] {
            var walk = PageWalk(Self.source(pagination))
            var facts = Self.facts(2, "a")
            facts.pointed = .unreadable
            let step = Self.take(&walk, facts)
            #expect(Self.isFailure(step), "\(pagination): \(String(describing: step))")
        }
    }

    @Test(arguments: [
        (#"{"d":[1],"n":"x"}"#, PointedText.text("x")), (#"{"d":[NaN],"n":"\u0078"}"#, .text("x")), (#"{"d":[1],"n":7.0}"#, .text("7.0")),
        (#"{"d":[1],"n":""}"#, .nothing), (#"{"d":[NaN],"n":null}"#, .nothing), (#"{"d":[1],"n":false}"#, .nothing), (#"{"d":[NaN]}"#, .nothing),
        (#"{"d":[1],"n":{}}"#, .unreadable), (#"{"d":[1],"n":"x","n":"y"}"#, .unreadable), (#"{"d":[1],"n":"\ud800"}"#, .unreadable),
    ])
    func theNextPlaceIsReadAlsoFromBadPages(body: String, pointed: PointedText) throws {
        var source = Self.source(.cursor(pointer: "/n"))
        source.records = "/d"
        let page = HTTPPage(place: "test", body: Array(body.utf8), fetchedAt: .earliest)
        #expect(try PageReader(source: source).read(page, contentType: nil).pointed == pointed)
    }

    @Test func nextLinksAreResolvedAndStayOnTheOrigin() {
        let next = Pagination.nextURL(pointer: "/next")
        #expect(Self.step(next, pointed: "/v1/coins?p=2") == .next(.url("https://api.example.test/v1/coins?p=2")))
        #expect(Self.step(next, pointed: "?p=2#x") == .next(.url("https://api.example.test/v1/coins?p=2")))
        #expect(Self.step(next, pointed: "https://API.example.test:443/x") == .next(.url("https://API.example.test:443/x")))
        for bad in [
            "http://api.example.test/x", "https://example.test/x", "//evil.test/x", "https://api.example.test:444/", "file:///etc/passwd",
            "https://api.example.test@evil.test/", "https://api.example.test.evil.test/", "javascript:alert(1)", "https://",
        ] {
            #expect(Self.isFailure(Self.step(next, pointed: bad)), "\(bad) is followed")
        }
        #expect(Self.step(.linkHeader, links: [#"</v1/coins?p=2>; rel="next""#]) == .next(.url("https://api.example.test/v1/coins?p=2")))
        #expect(Self.step(.linkHeader) == .end)
    }

    @Test func aNextLinkBackToAnEarlierPageIsALoop() {
        var walk = PageWalk(Self.source(.nextURL(pointer: "/next")))
        let steps = [("a", "?p=2"), ("b", "?p=3"), ("c", "?p=2")].map { Self.take(&walk, Self.facts(1, $0, pointed: $1)) }
        #expect(!Self.isFailure(steps[1]) && Self.isFailure(steps[2]), "\(steps)")
    }

    @Test(
        arguments: [
            ([#"<https://a.test/?p=2>; rel="next""#], "https://a.test/?p=2"),
            ([#"<a>; rel=prev, <b>; rel=next"#], "b"),
            ([#"<a>; rel="prev"; title="x, <c>; rel=\"next\"", <b>;rel="last  NEXT""#], "b"),
            ([#"<a>; rel=first"#, #"<b> ; title=t ; rel = "next""#], "b"),
            ([#"<a,b>; rel=next"#], "a,b"),
            ([#"<a>; rel=next; rel=prev"#], "a"),
            ([#"<a>; anchor="/other"; rel=next"#], nil),
            ([#"<a>; rel="nextish""#, #"a; rel=next"#, #"<a"#, #""#, #"<a>; rel="next"#.replacing("next", with: "prev")], nil),
        ] as [([String], String?)]
    )
    func theLinkHeaderIsReadAsTheStandardSays(fields: [String], target: String?) {
        #expect(LinkHeader.target(of: "next", in: fields) == target)
    }
}

/// URLs with placeholders.
@Suite struct URLTemplateTests {
    private static func expand(_ url: String, _ query: [NamedText] = [], _ values: [URLTemplate.Placeholder: String] = [:]) -> String {
        URLTemplate(Upstream(url: url, query: query, userAgent: "test")).expand(values)
    }

    @Test func valuesAreEncodedAndTheOperatorsTextIsNot() {
        #expect(
            Self.expand("https://x.test/a%2Fb/{cursor}?q=a,b", [], [.cursor: "a/b&c=d é~"]) == "https://x.test/a%2Fb/a%2Fb%26c%3Dd%20%C3%A9~?q=a,b"
        )
        #expect(
            Self.expand("https://x.test/v", [NamedText("ids", "a,b"), NamedText("p", "n{page}")], [.page: "2"]) == "https://x.test/v?ids=a%2Cb&p=n2"
        )
    }

    @Test func whatHasNoValueYetIsLeftOut() {
        #expect(Self.expand("https://x.test/v?a=1&c={cursor}&b=2", [NamedText("d", "{cursor}")]) == "https://x.test/v?a=1&b=2")
        #expect(Self.expand("https://x.test/v?c={cursor}") == "https://x.test/v")
        #expect(Self.expand("https://x.test/v?c={unknown}&d={page", [], [.page: "1"]) == "https://x.test/v?c={unknown}&d={page")
    }

    @Test func ownAndAddedQueriesAreJoined() {
        let added = [NamedText("b", "2")]
        #expect(Self.expand("https://x.test/v?a=1", added) == "https://x.test/v?a=1&b=2")
        #expect(Self.expand("https://x.test/v?", added) == "https://x.test/v?b=2")
        #expect(Self.expand("https://x.test/v?a=1&", added) == "https://x.test/v?a=1&b=2")
        #expect(Self.expand("https://x.test?a=1#top", added) == "https://x.test?a=1&b=2")
        #expect(Self.expand("https://x.test", added) == "https://x.test?b=2")
    }

    @Test func theHostIsNeverATemplate() {
        #expect(Self.expand("https://{page}.test/{page}", [], [.page: "1"]) == "https://{page}.test/1")
    }
}
