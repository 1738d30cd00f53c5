import Testing

@testable import Ingest

@Suite struct FeedPathTests {
    @Test(
        arguments: [
            ("title", 0, ["title"], nil), ("link@href", 0, ["link"], "href"), ("@rate", 0, [], "rate"), ("../@time", 1, [], "time"),
            ("../../title", 2, ["title"], nil), ("content/m:properties/d:PRICE", 0, ["content", "m:properties", "d:PRICE"], nil),
            (".", 0, [], nil), ("..", 1, [], nil), ("../day@date", 1, ["day"], "date"), ("./title", 0, ["title"], nil), ("a/@b", 0, ["a"], "b"),
            ("preço", 0, ["preço"], nil),
        ] as [(String, Int, [String], String?)]
    )
    func aPathHasStepsUpElementsAndAnAttribute(text: String, ancestors: Int, elements: [String], attribute: String?) throws {
        let path = try FeedPath(text)
        #expect(path.ancestors == ancestors && path.elements == elements && path.attribute == attribute, "\(path)")
        #expect(try FeedPath(path.description) == path)
    }

    @Test func theShortFormIsTheNameInTheRawRecord() throws {
        #expect(try ["./title", "a/@b", "../@time", "./@x", "."].map { try FeedPath($0).description } == ["title", "a@b", "../@time", "@x", "."])
    }

    @Test(arguments: ["", "/title", "title/", "a//b", "@", "link@", "link@a@b", "link@a/b", "a/../b", "a b", "<a>", "a/."])
    func whatIsNoPathIsRefused(text: String) {
        #expect(throws: FeedPath.Failure.self) { try FeedPath(text) }
    }

    @Test func theRecordsPathBeginsAtTheRoot() throws {
        #expect(try FeedPath.records("/feed/entry") == ["feed", "entry"])
        #expect(try FeedPath.records("rates") == ["rates"])
        for text in ["", "/", "feed/../entry", "feed/entry@id", "feed//entry"] {
            #expect(throws: FeedPath.Failure.self, "\(text)") { try FeedPath.records(text) }
        }
    }
}
