#include <fmt/core.h>

#include <algorithm>

#include "runtime/base/sys_files.hpp"
#include "shim/control/documents.hpp"
#include "shim/control/server.hpp"

// Requests: from a whole message to its one answer.
namespace ocelot::control {

void Server::on_request(Connection& connection, Message&& message) {
  if (message.bytes.size() >= large_bytes) large_request_ = true;
  // The credential was checked for every packet; now the permission, before anything else.
  const std::optional<Operation> operation = operation_of(message.bytes);
  if (!operation) {
    return refuse(connection, message.id, Refusal::UnknownOperation, "InvalidArgument",
                  "the request names no operation that this shim knows");
  }
  const OperationTraits& entry = traits(*operation);
  if (message.role < entry.needs) {
    return refuse(
        connection, message.id, Refusal::Permission, "PermissionDenied",
        fmt::format("{}: needs the role {}, and uid {} has {}", entry.name, name(entry.needs),
                    connection.peer().credentials.uid, name(message.role)));
  }
  if (message.fds.size() > entry.descriptors) {
    return refuse(connection, message.id, Refusal::Descriptors, "InvalidArgument",
                  fmt::format("{}: takes at most {} descriptors", entry.name, entry.descriptors));
  }
  if (is_nested_too_deeply(message.bytes)) {
    return connection.send(
        {Type::Reply, message.id,
         share(error_document("InvalidArgument",
                              fmt::format("{}: the document is nested deeper than {} levels",
                                          entry.name, max_document_depth)))});
  }
  const std::uint64_t digest_of_it = digest(message.bytes);
  const auto in_progress =
      std::find_if(connection.tickets.begin(), connection.tickets.end(),
                   [&](const auto& ticket) { return ticket.first == message.id; });
  if (in_progress != connection.tickets.end()) {
    if (pending_.at(in_progress->second).digest != digest_of_it)
      return refuse_other_payload(connection, message.id);
    ++metrics_.repeats_attached;
    return;
  }
  if (*operation == Operation::Cancel) return cancel(connection, message);
  if (connection.tickets.size() >= limits_.requests_in_progress) {
    return refuse(connection, message.id, Refusal::RequestsInProgress, "Busy",
                  fmt::format("{} requests are in progress on this connection",
                              limits_.requests_in_progress));
  }

  Request request;
  if (entry.has_effect) {
    request.key =
        EffectKey{connection.peer().credentials.uid, *connection.session().token(), message.id};
    request.digest = digest_of_it;
    if (!begin_effect(connection, message, *request.key, *operation, request.digest)) return;
  }
  request.handle = {++last_ticket_};
  request.operation = *operation;
  request.payload = std::move(message.bytes);
  request.fds = std::move(message.fds);
  request.peer = connection.peer().credentials;
  request.role = message.role;
  ++metrics_.requests;
  pending_.emplace(last_ticket_, Pending{.connection = connection.number(),
                                         .id = message.id,
                                         .operation = *operation,
                                         .digest = digest_of_it,
                                         .key = request.key,
                                         .begin = loop_->now()});
  connection.tickets.emplace_back(message.id, last_ticket_);
  const RequestHandle handle = request.handle;
  try {
    handler_->on_request(std::move(request));
  } catch (const std::exception& error) {
    fail(handle, Error::from(error));
  }
}

void Server::refuse(Connection& connection, std::uint64_t id, Refusal refusal,
                    std::string_view kind, std::string_view reason) {
  count_refusal(connection.peer().credentials, refusal, reason);
  connection.send({Type::Reply, id, share(error_document(kind, reason))});
}

void Server::refuse_other_payload(Connection& connection, std::uint64_t id) {
  refuse(connection, id, Refusal::OtherPayload, "InvalidArgument",
         fmt::format("request id {} stands for another request already", id));
}

bool Server::begin_effect(Connection& connection, const Message& message, const EffectKey& key,
                          Operation operation, std::uint64_t digest) {
  switch (effects_.begin(key, operation, digest)) {
    case Effects::Seen::Fresh:
      if (record_ == nullptr) return true;
      try {
        record_->begun({key, operation, digest, std::nullopt});
        return true;
      } catch (const Error& error) {
        effects_.withdraw(key);
        connection.send({Type::Reply, message.id, share(error_document(error))});
        return false;
      }
    case Effects::Seen::Finished:
      ++metrics_.repeats_answered;
      connection.send({Type::Reply, message.id, share(effects_.result(key))});
      return false;
    case Effects::Seen::Running: {
      const auto running = std::find_if(pending_.begin(), pending_.end(),
                                        [&](const auto& each) { return each.second.key == key; });
      if (running == pending_.end()) {
        refuse(connection, message.id, Refusal::Forgotten, "Failed",
               "this request was begun, and what came of it is not known");
        return false;
      }
      // The client has come back on another connection: the answer goes there.
      if (Connection* const before = find(running->second.connection))
        forget_ticket(*before, message.id);
      running->second.connection = connection.number();
      connection.tickets.emplace_back(message.id, running->first);
      ++metrics_.repeats_attached;
      return false;
    }
    case Effects::Seen::Different:
      refuse_other_payload(connection, message.id);
      return false;
    case Effects::Seen::Forgotten:
      refuse(connection, message.id, Refusal::Forgotten, "Failed",
             "this request was made long ago, and what came of it is no longer known");
      return false;
    case Effects::Seen::Full:
      refuse(connection, message.id, Refusal::EffectsFull, "Busy",
             fmt::format("{} requests that change something are in progress", effects_.size()));
      return false;
  }
  return false;
}

void Server::cancel(Connection& connection, const Message& message) {
  const std::optional<std::uint64_t> id = number_member(message.bytes, "request");
  const auto ticket = std::find_if(connection.tickets.begin(), connection.tickets.end(),
                                   [&](const auto& each) { return id && each.first == *id; });
  if (ticket != connection.tickets.end()) {
    const RequestHandle handle{ticket->second};
    if (pending_.at(handle.value).key) {
      return connection.send({Type::Reply, message.id,
                              share(error_document("WrongState",
                                                   "cancel: that request changes "
                                                   "something and runs to its end"))});
    }
    reply(handle, error_document("Cancelled", "cancelled"));
    handler_->on_gone(handle);
  }
  connection.send({Type::Reply, message.id, share("{}")});
}

void Server::fail(RequestHandle request, const Error& error) {
  reply(request, error_document(error));
}

void Server::reply(RequestHandle request, std::string document, std::vector<UniqueFd> fds) {
  reply(request, share(std::move(document), std::move(fds)));
}

std::optional<Server::Pending> Server::take_pending(RequestHandle request) {
  const auto found = pending_.find(request.value);
  if (found == pending_.end()) return std::nullopt;
  Pending pending = std::move(found->second);
  pending_.erase(found);
  ++metrics_.replies;
  metrics_.latency[static_cast<std::size_t>(pending.operation)].add(Clock::now() - pending.begin);
  if (Connection* const connection = find(pending.connection))
    forget_ticket(*connection, pending.id);
  return pending;
}

DirectReply Server::direct_reply(RequestHandle request) {
  const auto found = pending_.find(request.value);
  const Connection* const connection =
      found == pending_.end() ? nullptr : find(found->second.connection);
  if (connection == nullptr) throw Error{ErrorKind::Failed, "nobody waits for the answer"};
  return DirectReply{sys::duplicate(connection->fd()), found->second.id};
}

void Server::was_answered(RequestHandle request) {
  static_cast<void>(take_pending(request));
}

void Server::reply(RequestHandle request, SharedBody body) {
  const auto taken = take_pending(request);
  if (!taken) return;
  const Pending& pending = *taken;
  if (pending.key) {
    effects_.finish(*pending.key, body->bytes);
    if (record_ != nullptr) record_->finished(*pending.key, body->bytes);
  }
  Connection* const connection = find(pending.connection);
  if (connection == nullptr) return;
  // Events that were published before this answer arrive before it.
  connection->queue_events(journal_);
  std::erase_if(connection->subscriptions,
                [&](const Subscription& each) { return each.request() == pending.id; });
  connection->send({Type::Reply, pending.id, std::move(body)});
  mark(*connection);
}

void Server::forget_ticket(Connection& connection, std::uint64_t id) {
  std::erase_if(connection.tickets, [&](const auto& ticket) { return ticket.first == id; });
}

bool Server::waits(RequestHandle request) const noexcept {
  const auto found = pending_.find(request.value);
  return found != pending_.end() && found->second.connection != 0;
}

void Server::subscribe(RequestHandle request, std::uint64_t after, std::uint64_t instance) {
  const auto found = pending_.find(request.value);
  if (found == pending_.end()) return;
  Connection* const connection = find(found->second.connection);
  if (connection == nullptr) return;
  const bool known = instance == instance_ && after < journal_.next();
  const std::uint64_t next = known ? after + 1 : journal_.next();
  connection->send({Type::Event, found->second.id, share(subscribed_document(instance_, next))});
  connection->subscriptions.emplace_back(found->second.id, next);
  mark(*connection);
}

void Server::publish(std::string_view document) {
  journal_.append(document);
  ++metrics_.events_published;
  ++gathered_events_;
  gathered_bytes_ += document.size();
  if (gathered_events_ >= limits_.gather_events || gathered_bytes_ >= limits_.gather_bytes)
    return mark_subscribers();
  if (!gathering_) gathering_ = loop_->after(limits_.gather_time, [this] { mark_subscribers(); });
}

bool Server::stream(RequestHandle request, std::string_view document) {
  const auto found = pending_.find(request.value);
  if (found == pending_.end()) return false;
  Pending& pending = found->second;
  Connection* const connection = find(pending.connection);
  if (connection == nullptr) return false;
  if (!connection->takes_events()) {
    ++pending.missed;
    ++metrics_.events_missed;
    return false;
  }
  ++metrics_.events_sent;
  connection->send(
      {Type::Event, pending.id, share(numbered(document, ++pending.streamed, pending.missed))});
  pending.missed = 0;
  mark(*connection);
  return true;
}

}  // namespace ocelot::control
