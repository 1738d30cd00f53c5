import Foundation
import TestSupport
import Testing

/// `kasparro asset licenses` has everything that the binary is linked with, and nothing else: what the linker read is the measure.
@Suite(.enabled(if: BinaryUnderTest.path != nil, Comment(rawValue: BinaryUnderTest.explanation)))
struct LicenseTests {
    private static let root = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }

    /// The lines of the list, by name.
    private static func list() throws -> [String: String] {
        let result = try Subprocess.run(BinaryUnderTest.required(), ["asset", "licenses"])
        try #require(result.exitCode == 0, "\(result.standardError); make build collects the licences, and says why when it cannot")
        let lines = result.standardOutput.prefix(upTo: try #require(result.standardOutput.range(of: "\n[1] -")?.lowerBound))
            .split(separator: "\n").dropFirst().map(String.init)
        return Dictionary(uniqueKeysWithValues: lines.map { ($0.prefix(27).trimmingCharacters(in: .whitespaces), $0) })
    }

    private static func pins() throws -> [String: String] {
        struct Resolved: Decodable {
            struct Pin: Decodable {
                struct State: Decodable { let version: String? }
                let identity: String
                let state: State
            }
            let pins: [Pin]
        }
        let data = try Data(contentsOf: URL(fileURLWithPath: root + "/Package.resolved"))
        let pins = try JSONDecoder().decode(Resolved.self, from: data).pins
        return Dictionary(uniqueKeysWithValues: pins.map { ($0.identity, $0.state.version ?? "") })
    }

    /// The packages whose modules are in the binary, from the list that the linker was given.
    private static func linkedPackages() throws -> Set<String> {
        let products = try URL(fileURLWithPath: BinaryUnderTest.required()).resolvingSymlinksInPath().deletingLastPathComponent().path
        let objects = try String(contentsOfFile: products + "/kasparro.product/Objects.LinkFileList", encoding: .utf8)
        let modules = Set(objects.matches(of: /([^\/]+)\.build\//).map { String($0.output.1) }).subtracting([""])
        let checkouts = root + "/.build/checkouts"
        let packages = try FileManager.default.contentsOfDirectory(atPath: checkouts)
        var linked: Set<String> = []
        for module in modules where !FileManager.default.fileExists(atPath: root + "/Sources/" + module) {
            // A Swift module's compiler was given its files in a list; a C module has the name of its directory.
            let sources = (try? String(contentsOfFile: "\(products)/\(module).build/sources", encoding: .utf8)) ?? ""
            let package =
                sources.firstMatch(of: /\/checkouts\/([^\/]+)\//).map { String($0.output.1) }
                ?? packages.first { FileManager.default.fileExists(atPath: "\(checkouts)/\($0)/Sources/\(module)") }
            linked.insert(try #require(package, "the package of the module \(module) is not known"))
        }
        return linked
    }

    @Test func everyLinkedPackageHasItsLicenceAndVersion() throws {
        let (list, pins, linked) = try (Self.list(), Self.pins(), Self.linkedPackages())
        #expect(linked.count > 10, "\(linked)")
        for package in linked {
            let line = try #require(list[package], "\(package) is linked and has no licence: add it to Sources/CAssets/collect-licenses.py")
            #expect(line.contains(" \(pins[package] ?? "?") ") && line.contains("["), "\(line)")
        }
        let others = Set(pins.keys).intersection(list.keys).subtracting(linked)
        #expect(others == [], "listed, but not linked")
    }

    @Test func everyLibraryOfTheSystemHasItsLicence() throws {
        let list = try Self.list()
        let files = try String(contentsOfFile: Self.root + "/.build/deps/kasparro.linked", encoding: .utf8)
        let archives = files.split { $0 == " " || $0 == "\n" || $0 == "\\" }.map { String($0.replacing(/:$/, with: "")) }
            .filter { $0.hasSuffix(".a") || $0.contains("/crt") }
        #expect(archives.contains { $0.hasSuffix("/libcurl.a") }, "\(archives)")
        let named = Set(list.values.flatMap { $0.split(separator: " ").map(String.init) })
        for archive in archives where !archive.contains("/swift") {
            // glibc has its version in the name of one.
            let name = URL(fileURLWithPath: archive).lastPathComponent.replacing(/-[0-9.]+\.a$/, with: ".a")
            #expect(named.contains(name), "\(archive) is linked and has no licence: add it to Sources/CAssets/collect-licenses.py")
        }
        #expect(list["Swift"]?.contains("[1]") == true)
        #expect(list["curl"]?.contains(/\ \d+\.\d+\.\d+/) == true, "which curl is in the binary is not said: \(list["curl"] ?? "nothing")")
        #expect(list.keys.contains("kasparro") && list.keys.contains("glibc") && list.keys.contains("BoringSSL"), "\(list.keys)")
    }

    @Test func everyNumberHasItsText() throws {
        let text = try Subprocess.run(BinaryUnderTest.required(), ["asset", "licenses"]).standardOutput
        let numbers = Set(try Self.list().values.flatMap { $0.matches(of: /\[[0-9]+\]/).map { String($0.output) } })
        #expect(numbers.count > 10)
        for number in numbers { #expect(text.contains("\n\(number) -----"), "\(number)") }
        for phrase in ["Apache License", "GNU LESSER GENERAL PUBLIC LICENSE", "GCC RUNTIME LIBRARY EXCEPTION", "Jean-loup Gailly", "Daniel Stenberg"]
        {
            #expect(text.contains(phrase), "the texts lack “\(phrase)”")
        }
    }
}
