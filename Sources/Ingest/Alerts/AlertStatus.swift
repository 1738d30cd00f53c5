package import MarketData

/// Which alerts are firing, and how the ways out fare that carry them; what `/stats`, `/health`, the status page and `kasparro status` show.
package struct AlertStatus: Sendable, Equatable {
    package enum State: String, Sendable {
        /// Nobody is told.
        case off
        case ok
        /// By one of the channels the last try did not go out.
        case failing
    }

    /// Something that people are told of and that is not over.
    package struct Firing: Sendable, Equatable {
        /// As webhooks name it: `source_failing`, `disk_low` or `store_read_only`.
        package var event: String
        /// nil: it is about no source.
        package var source: String?
        /// What happened, in a few words.
        package var summary: String
        package var cause: String
        package var since: Timestamp
        /// When people were to be told of it.
        package var at: Timestamp
        /// Attempts in a row that have failed; 0 where nobody counts.
        package var attempts: Int
        /// The newest run that failed.
        package var runID: String?
        /// Where the alert has arrived.
        package var delivered: [AlertChannel]
    }

    /// A way out that is on; times are those of this process.
    package struct Channel: Sendable, Equatable {
        package var channel: AlertChannel
        /// When something went out last.
        package var lastSent: Timestamp?
        /// When something did not go out the last time.
        package var lastFailed: Timestamp?
        /// Why. No secret, but a mail server may name addresses in it: not for strangers.
        package var lastError: String?
        /// Whether the newest try is the one that failed.
        package var isFailing = false

        /// As messages call it.
        package var name: String { channel.inWords }
    }

    /// Oldest first.
    package var firing: [Firing] = []
    package var channels: [Channel] = []

    package init() {}

    package var state: State { channels.isEmpty ? .off : channels.contains(where: \.isFailing) ? .failing : .ok }
}

extension AlertStatus {
    /// Appends `{state, firing, channels}` as a value.
    ///
    /// - Parameter includingErrors: Whether it is said why something did not go out.
    package func append(to writer: inout JSONWriter, includingErrors: Bool) {
        writer.beginObject()
        writer.member("state", state.rawValue)
        appendFiring(as: "firing", to: &writer)
        writer.key("channels")
        writer.beginObject()
        for channel in channels {
            writer.key(channel.channel.rawValue)
            writer.beginObject()
            writer.member("last_sent", channel.lastSent?.description)
            writer.member("last_failed", channel.lastFailed?.description)
            writer.member("failing", channel.isFailing)
            if includingErrors { writer.member("last_error", channel.lastError) }
            writer.endObject()
        }
        writer.endObject()
        writer.endObject()
    }

    /// Appends a member with what is firing into an object that is open.
    package func appendFiring(as key: String, to writer: inout JSONWriter) {
        writer.array(key, firing) { writer, alert in
            writer.beginObject()
            writer.member("event", alert.event)
            writer.member("source", alert.source)
            writer.member("summary", alert.summary)
            writer.member("cause", alert.cause)
            writer.member("since", alert.since.description)
            writer.member("at", alert.at.description)
            writer.member("attempts", alert.attempts)
            writer.member("run_id", alert.runID)
            writer.array("delivered", alert.delivered) { $0.string($1.rawValue) }
            writer.endObject()
        }
    }
}
