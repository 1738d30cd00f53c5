import Foundation
import TestSupport
import Testing

/// The promise of one file that runs anywhere, checked on the file itself.
@Suite(.enabled(if: BinaryUnderTest.path != nil, Comment(rawValue: BinaryUnderTest.explanation)))
struct StaticBinaryTests {
    @Test func noSharedLibraryIsNeeded() throws {
        let result = try Subprocess.run("ldd", [BinaryUnderTest.required()], environment: ["LC_ALL": "C"])
        let text = result.standardOutput + result.standardError
        #expect(text.contains("not a dynamic executable") || text.contains("statically linked"), "\(text)")
    }

    @Test func versionIsPrinted() throws {
        let result = try Subprocess.run(BinaryUnderTest.required(), ["version"])
        #expect(result.exitCode == 0, "\(result.standardError)")
        #expect(!result.standardOutput.isEmpty)
    }

    /// Mounts the one file system that the Swift runtime needs, in a mount namespace of its own: it is gone with the process, however that
    /// ends, and nothing is left to clean up but the directory.
    @Test(.enabled(if: mayChangeRoot, "needs root, and the right to make mount namespaces")) func binaryStartsWhereNothingElseIs() throws {
        let root = try Self.rootWithTheBinaryAlone()
        let result = try Self.inMountNamespace(#"mount -t proc proc "$1/proc" && exec chroot "$1" /kasparro version"#, root.path)
        #expect(result.exitCode == 0, "\(result.standardError)")
        #expect(!result.standardOutput.isEmpty)
    }

    /// What somebody finds who has got one file and types what its help says.
    @Test(.enabled(if: mayChangeRoot, "needs root, and the right to make mount namespaces"))
    func helpLeadsFromTheFileAloneToAllThatItCarriesAndToAService() throws {
        let root = try Self.rootWithTheBinaryAlone()
        let result = try Self.inMountNamespace(
            #"""
            mount -t proc proc "$1/proc" && cd "$1" || exit
            kasparro() { chroot . /kasparro "$@"; }
            kasparro --help >help && kasparro asset >list && kasparro asset --all /usr || exit
            chroot . /kasparro --data-dir /var --listen 127.0.0.1:0 --no-schedule >banner 2>log &
            until grep -q http:// banner || ! kill -0 $!; do sleep 0.1; done
            kasparro status --data-dir /var && kasparro healthcheck --data-dir /var
            code=$?
            kill $! && wait $! && exit $code
            """#,
            root.path
        )
        #expect(result.exitCode == 0, "\(result)")
        let help = try String(contentsOfFile: root.path + "/help", encoding: .utf8)
        for words in ["kasparro asset man | man -l -", "kasparro asset\n", "kasparro --data-dir var", "completion"] {
            #expect(help.contains(words), "\(help)")
        }
        let list = try String(contentsOfFile: root.path + "/list", encoding: .utf8)
        for name in ["man", "unit", "dashboard", "rules", "completion-bash", "licenses"] {
            let line = try #require(list.split(separator: "\n").first { $0.hasPrefix(name + " ") }, "\(list)")
            let place = line.split(separator: " ")[1]
            #expect(try !String(contentsOfFile: "\(root.path)/usr/\(place)", encoding: .utf8).isEmpty, "\(line)")
        }
    }

    /// A directory with nothing in it but the binary, and a place for the one file system that the Swift runtime needs.
    private static func rootWithTheBinaryAlone() throws -> TemporaryDirectory {
        let root = try TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: root.path + "/proc", withIntermediateDirectories: false)
        try FileManager.default.copyItem(atPath: BinaryUnderTest.required(), toPath: root.path + "/kasparro")
        return root
    }

    /// False in a container whose root is not allowed to mount: such a machine cannot answer the question.
    private static let mayChangeRoot: Bool = {
        guard geteuid() == 0, let directory = try? TemporaryDirectory() else { return false }
        let result = try? inMountNamespace(#"mount -t proc proc "$1" && chroot / true"#, directory.path)
        return result?.exitCode == 0
    }()

    private static func inMountNamespace(_ script: String, _ argument: String) throws -> Subprocess.Result {
        try Subprocess.run("unshare", ["--mount", "--propagation", "private", "sh", "-c", script, "sh", argument])
    }

    /// Full Foundation would bring 45 MB of Unicode tables. The binary is stripped of symbols, so what is looked for is in the data itself:
    /// the names of ICU's tables, which are in every binary that holds them.
    @Test func unicodeTablesOfFullFoundationAreNotLinked() throws {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: BinaryUnderTest.required()), options: .alwaysMapped)
        for trace in ["icudt", "ICUDATA", "supplementalData"] {
            #expect(bytes.range(of: Data(trace.utf8)) == nil, "\(trace) is in the binary: something imports Foundation, not FoundationEssentials")
        }
    }

    @Test func binaryIsSmallerThan40Megabytes() throws {
        let attributes = try FileManager.default.attributesOfItem(atPath: BinaryUnderTest.required())
        let size = try #require(attributes[.size] as? Int)
        print("size of the static binary: \(size) bytes (\(size / 1_000_000) MB)")
        #expect(size < 40_000_000)
    }
}
