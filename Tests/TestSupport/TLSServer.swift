import Foundation

/// A server that speaks TLS with one of the certificates in `testdata/tls` and answers every request alike.
package final class TLSServer: Sendable {
    package let port: Int
    private let process: Subprocess
    private let answer: URL

    /// - Parameters:
    ///   - certificate: the name of a file in `testdata/tls`.
    ///   - script: what it answers; only `send` steps.
    package init(certificate: String, _ script: Script) throws {
        var bytes: [UInt8] = []
        for case .send(let piece) in script { bytes += piece }
        answer = FileManager.default.temporaryDirectory.appendingPathComponent("kasparro-tls-\(UUID().uuidString)")
        try Data(bytes).write(to: answer)
        let root = Self.root
        process = try Subprocess("python3", [root + "/Tests/tls-server.py", Self.file(certificate), answer.path])
        port = try process.waitForOutput { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }

    deinit {
        process.send(signal: SIGKILL)
        try? FileManager.default.removeItem(at: answer)
    }

    /// The path of a certificate.
    package static func file(_ certificate: String) -> String { root + "/testdata/tls/" + certificate }

    private static var root: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
    }
}
