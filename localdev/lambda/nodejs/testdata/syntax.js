exports.handler = async ( => {};
