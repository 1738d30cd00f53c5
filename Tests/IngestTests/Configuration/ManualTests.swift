import TestSupport
import Testing

@testable import Ingest

/// `man/kasparro.conf.5` and the decoder have one list of keys.
@Suite struct ManualTests {
    static let page = Recordings.read(#filePath.split(separator: "/").dropLast(4).reduce("") { $0 + "/" + $1 } + "/man/kasparro.conf.5")

    /// The tagged paragraphs below each heading that the keys have.
    static func described() -> [String: [String]] {
        var result: [String: [String]] = [:]
        var heading = ""
        var isTag = false
        for line in String(decoding: page, as: UTF8.self).split(separator: "\n") {
            if line.hasPrefix(".SH ") {
                heading = String(line.dropFirst(4)).replacing("\"", with: "")
            } else if line == ".TP" {
                isTag = true
            } else if isTag {
                isTag = false
                let words = line.split(separator: " ").filter { !$0.hasPrefix(".B") && !$0.hasPrefix("\\") && $0 != "," && $0 != "\"," }
                if let word = words.first { result[heading, default: []].append(String(word)) }
            }
        }
        return result
    }

    @Test(arguments: ConfigurationKeys.Section.allCases)
    func theManualHasExactlyTheKeysThatAreDecoded(section: ConfigurationKeys.Section) {
        #expect(Self.described()[section.rawValue]?.sorted() == ConfigurationKeys.keys(of: section).sorted(), "\(section.rawValue)")
    }

    /// The examples are taken out of the page and decoded.
    @Test func theExamplesOfTheManualAreRight() throws {
        let text = String(decoding: Self.page, as: UTF8.self).replacing("\\-", with: "-").replacing("\\e", with: "\\").replacing("\\(aq", with: "'")
        let examples = text.split(separator: ".nf\n").dropFirst().compactMap { $0.split(separator: "\n.fi").first }.filter { $0.hasPrefix("{") }
        #expect(examples.count >= 4, "\(examples.count) examples")
        for example in examples {
            let catalog = try catalog(String(example), variables: ["COINGECKO_KEY": "abcdef", "EXAMPLE_TOKEN": "abcdef"])
            #expect(catalog.problems.isEmpty, "\(example)\n\(catalog.problems)")
        }
    }
}
