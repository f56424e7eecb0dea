//! Edits that keep JSON valid.

use crate::names::{KEYS, VALUES};
use crate::random::Random;
use serde_json::{Map, Value};

/// A text after a few edits; `None` if the bytes are not JSON.
pub fn change(bytes: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    let mut value: Value = serde_json::from_slice(bytes).ok()?;
    for _ in 0..1 + random.below(3) {
        let other = at(&mut value, random).clone();
        let place = at(&mut value, random);
        edit(place, other, random);
    }
    serde_json::to_vec(&value).ok()
}

/// A random value at any depth of a value.
fn at<'v>(value: &'v mut Value, random: &mut Random) -> &'v mut Value {
    if random.once_in(6) {
        return value;
    }
    let inner = match value {
        Value::Array(list) => list.len(),
        Value::Object(map) => map.len(),
        _ => 0,
    };
    if inner == 0 {
        return value;
    }
    let chosen = random.below(inner);
    match value {
        Value::Array(list) => at(&mut list[chosen], random),
        Value::Object(map) => {
            let key = map.keys().nth(chosen).cloned().unwrap_or_default();
            at(&mut map[&key], random)
        }
        _ => value,
    }
}

fn edit(place: &mut Value, other: Value, random: &mut Random) {
    match (place, random.below(4)) {
        (Value::Object(map), 0) => drop(map.insert(key(random), new(random))),
        (Value::Object(map), 1) => drop(map.insert(key(random), other)),
        (Value::Object(map), 2) => {
            let at = random.below(map.len());
            if let Some(found) = map.keys().nth(at).cloned() {
                let value = map.remove(&found).unwrap_or_default();
                if random.once_in(2) {
                    map.insert(key(random), value);
                }
            }
        }
        (Value::Array(list), 0) => list.push(other),
        (Value::Array(list), 1) => list.truncate(random.below(list.len())),
        (Value::Array(list), 2) => {
            let at = random.below(list.len());
            list.extend(list.get(at).cloned());
        }
        (place, 0) => *place = other,
        (place, _) => *place = new(random),
    }
}

fn key(random: &mut Random) -> String {
    match random.below(4) {
        0 => random.text(),
        1 => random.below(12).to_string(),
        _ => random.choose(&KEYS).map_or_else(String::new, |key| key.to_string()),
    }
}

fn new(random: &mut Random) -> Value {
    match random.below(9) {
        0 => Value::Null,
        1 => Value::Bool(random.once_in(2)),
        2 => random.integer().into(),
        3 => f64::from(random.float()).into(),
        4 => random.text().into(),
        5 => (0..random.below(6)).map(|_| Value::from(random.integer())).collect::<Vec<_>>().into(),
        6 => Value::Object(Map::from_iter([(key(random), random.text().into())])),
        7 if random.once_in(6) => (0..random.below(130)).fold(Value::Null, |inner, _| Value::Array(vec![inner])),
        _ => random.choose(&VALUES).map_or(Value::Null, |text| (*text).into()),
    }
}
