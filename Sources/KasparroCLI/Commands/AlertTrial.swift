import Ingest
import MarketData

/// A test message by one of the ways that alerts go.
struct AlertTrial {
    let channel: AlertChannel
    let isSent: Bool
    /// Why not, or what else is to be known.
    let remark: String?

    /// By every channel, whatever came of the one before.
    static func send(to alerts: AlertConfiguration, path: String?, _ dataDirectory: String) throws -> [AlertTrial] {
        if alerts.settings.isOff { throw CommandFailure(.badConfiguration, "alerts are \(alerts.settings.inWords)") }
        let sender = AlertSender(settings: alerts.settings, secrets: alerts.secrets)
        let context = AlertContext(configuration: path, dataDirectory: dataDirectory)
        return alerts.settings.allChannels.map { channel in
            do throws(AlertFailure) {
                return AlertTrial(channel: channel, isSent: true, remark: try sender.sendTest(by: channel, context))
            } catch {
                return AlertTrial(channel: channel, isSent: false, remark: error.message)
            }
        }
    }

    var text: String {
        "\(channel.rawValue): \(isSent ? "a test message was sent" : "not sent")" + (remark.map { (isSent ? ", but " : ": ") + $0 } ?? "")
    }

    func append(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("channel", channel.rawValue)
        writer.member("sent", isSent)
        writer.member("message", remark)
        writer.endObject()
    }
}
