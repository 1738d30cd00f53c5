import Glibc
import Ingest

extension AlertContext {
    /// What this process is called in alerts, and the options that another one needs to see the same store.
    ///
    /// - Parameter configuration: the path of the configuration file.
    init(configuration: String?, dataDirectory: String) {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        // Whoever reads an alert is somewhere else.
        func absolute(_ path: String) -> String { (try? absolutePath(path)) ?? path }
        var words = ["--data-dir", absolute(dataDirectory)]
        if let configuration { words += ["--config", absolute(configuration)] }
        self.init(
            host: String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self),
            options: words.map(Self.quoted).joined(separator: " "),
            userAgent: BuildInformation.userAgent
        )
    }

    /// As a shell takes it for one word.
    private static func quoted(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || "-_./:@%+=,".utf8.contains(byte)
        }
        return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }
}
