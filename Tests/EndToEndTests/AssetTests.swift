import Foundation
import TestSupport
import Testing

/// The files that the binary carries, as they are asked for.
@Suite(.enabled(if: BinaryUnderTest.path != nil, Comment(rawValue: BinaryUnderTest.explanation)))
struct AssetTests {
    private struct List: Decodable {
        struct File: Decodable {
            let name, place, summary: String
            let bytes: Int
        }
        let assets: [File]
    }

    private static func kasparro(_ arguments: String...) throws -> Subprocess.Result { try Subprocess.run(BinaryUnderTest.required(), arguments) }

    private static func files() throws -> [List.File] {
        try JSONDecoder().decode(List.self, from: Data(kasparro("asset", "--json").standardOutput.utf8)).assets
    }

    @Test func eachFileIsPrintedByItsNameAndByItsFilesName() throws {
        let files = try Self.files()
        #expect(Set(files.map(\.name)).count == files.count && Set(files.map(\.place)).count == files.count)
        let listed = try Self.kasparro("asset").standardOutput
        for file in files {
            let printed = try Self.kasparro("asset", file.name)
            #expect(printed.exitCode == 0 && printed.standardOutput.utf8.count == file.bytes && file.bytes > 0, "\(file): \(printed.standardError)")
            #expect(listed.contains("\(file.name) ") && listed.contains(file.summary), "\(file)")
        }
        #expect(try Self.kasparro("asset", "kasparro.1").standardOutput == Self.kasparro("asset", "man").standardOutput)
    }

    @Test func anUnknownNameIsAnErrorThatSaysWhatThereIs() throws {
        let result = try Self.kasparro("asset", "licences")
        #expect(result.exitCode == 2 && result.standardError.contains("Did you mean licenses?"), "\(result)")
        #expect(result.standardError.contains("openapi"), "\(result)")
    }

    @Test func theOpenAPIDocumentHasTheProgramsVersion() throws {
        let version = try Self.kasparro("version").standardOutput.dropFirst("kasparro ".count).dropLast()
        let document = try JSONSerialization.jsonObject(with: Data(Self.kasparro("asset", "openapi").standardOutput.utf8)) as? [String: Any]
        #expect((document?["info"] as? [String: Any])?["version"] as? String == String(version))
    }

    @Test func allOfThemAreWrittenEachIntoItsPlace() throws {
        let directory = try TemporaryDirectory()
        let result = try Self.kasparro("asset", "--all", directory.path + "/usr")
        #expect(result.exitCode == 0, "\(result)")
        for file in try Self.files() {
            let content = try Data(contentsOf: URL(fileURLWithPath: "\(directory.path)/usr/\(file.place)"))
            #expect(content.count == file.bytes, "\(file)")
        }
        // Once more, as an upgrade does it; then where it cannot.
        #expect(try Self.kasparro("asset", "--all", directory.path + "/usr").exitCode == 0)
        try directory.write("", to: "file")
        let refused = try Self.kasparro("asset", "--all", directory.path + "/file")
        #expect(refused.exitCode == 73 && refused.standardError.contains("\(directory.path)/file"), "\(refused)")
    }

    /// It is what a package puts into /etc: it must change nothing.
    @Test func theConfigurationFileToStartFromChangesNothing() throws {
        let directory = try TemporaryDirectory()
        try directory.write(try Self.kasparro("asset", "config").standardOutput, to: "kasparro.conf")
        let path = directory.path + "/kasparro.conf"
        #expect(try Self.kasparro("check", "--config", path).exitCode == 0)
        let with = try Self.kasparro("config", "--effective", "--config", path).standardOutput
        let without = try Self.kasparro("config", "--effective").standardOutput
        #expect(with.split(separator: "\n").filter { !$0.hasPrefix("config ") } == without.split(separator: "\n").filter { !$0.hasPrefix("config ") })
    }
}
