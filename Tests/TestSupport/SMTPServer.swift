import Foundation

/// A real SMTP server (aiosmtpd) on a loopback port, which keeps the mail that it takes.
package final class SMTPServer: Sendable {
    /// What it demands; see `Tests/smtp-server.py`.
    package enum Mode: String, Sendable {
        case starttls, tls, plain, open, closing, silent, greeting
    }

    /// A mail as the server took it.
    package struct Mail: Sendable, Decodable {
        package let from: String
        package let to: [String]
        package let tls: Bool
        package let content: String

        /// The content of a header field, unfolded; nil when it is missing.
        package func header(_ name: String) -> String? {
            let head = content.components(separatedBy: "\r\n\r\n")[0].replacingOccurrences(of: "\r\n ", with: " ")
            return head.components(separatedBy: "\r\n").first { $0.hasPrefix(name + ": ") }.map { String($0.dropFirst(name.count + 2)) }
        }
    }

    package static let user = "user@example.test"
    package static let password = "s3cret-of-the-mailbox"

    package let port: Int
    private let process: Subprocess

    /// - Parameter certificate: the name of a file in `testdata/tls`.
    package init(_ mode: Mode = .starttls, certificate: String = "valid.pem") throws {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path + "/smtp-server.py"
        // Where Debian's packages are; another Python in PATH does not see them.
        process = try Subprocess(
            "/usr/bin/python3",
            [script, mode.rawValue] + ([.starttls, .tls, .closing].contains(mode) ? [TLSServer.file(certificate)] : []),
            environment: ["SMTP_PASSWORD": Self.password]
        )
        port = try process.waitForOutput { Int($0.split(separator: "\n").first ?? "") }
    }

    deinit { process.send(signal: SIGKILL) }

    /// With the scheme that goes with the mode.
    package func url(_ scheme: String = "smtp") -> String { "\(scheme)://127.0.0.1:\(port)" }

    /// All mail so far.
    package var mails: [Mail] { Self.mails(in: process.outputSoFar) }

    /// Waits for that many mails.
    package func wait(for count: Int, timeout: Duration = .seconds(120)) throws -> [Mail] {
        try process.waitForOutput(timeout: timeout) { output in
            let mails = Self.mails(in: output)
            return mails.count >= count ? mails : nil
        }
    }

    /// Waits for the first connection, or its first line where there is a greeting; only where nothing else comes.
    package func waitForClient() throws {
        try process.waitForOutput(timeout: .seconds(120)) { $0.contains("client\n") ? () : nil }
    }

    private static func mails(in output: String) -> [Mail] {
        output.split(separator: "\n").dropFirst().compactMap { try? JSONDecoder().decode(Mail.self, from: Data($0.utf8)) }
    }
}
